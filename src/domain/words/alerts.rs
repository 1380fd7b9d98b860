//! What to do about an alert: one line, and where a command mends it, the command.

use crate::domain::alert::AlertKind;
use crate::domain::language::Language;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Todo {
    pub sentence: &'static str,
    /// As it is typed, with words in capitals for what the alert is about: `ORDER`, `MERCHANT`, `ATTEMPT`,
    /// `REFUND`, `ALERT`, `CHANNEL`, `LEDGER`; `NUMBER`, `TRADE_NO`, `NAME` and `TEXT` only the person knows.
    pub command: Option<&'static str>,
}

impl Todo {
    /// The command with what is known of its words in capitals; the others stay.
    pub fn typed(self, known: &[(&str, Option<&str>)]) -> Option<String> {
        let told = |word| known.iter().find(|(name, _)| *name == word).and_then(|(_, value)| *value).unwrap_or(word);
        Some(self.command?.split(' ').map(told).collect::<Vec<_>>().join(" "))
    }
}

macro_rules! todos {
    ($($kind:ident: $english:literal, $chinese:literal $(, $command:literal)?;)+) => {
        impl AlertKind {
            pub fn todo(self, language: Language) -> Todo {
                let (sentence, command) = match self {
                    $(Self::$kind => (language.pick($english, $chinese), [$($command)?].first().copied())),+
                };
                Todo { sentence, command }
            }
        }
    };
}

todos! {
    CaptureEnding:
        "do what the message says, or capture it in ECPay's dashboard before day 21",
        "照訊息處理；否則請在第 21 天前到綠界廠商後台關帳";
    CaptureFailing:
        "if money actions are paused, let them go on; else capture it in ECPay's dashboard before day 21",
        "若是金額動作暫停中，請恢復；否則請在第 21 天前到綠界廠商後台關帳",
        "ecpayd resume MERCHANT";
    CaptureUnclaimed:
        "ask ECPay's customer service why the bank has not claimed it",
        "請問綠界客服，銀行為何還沒請款";
    CaptureOverdue:
        "ask ECPay's customer service to capture it by hand (error_overDate), or refund it",
        "請綠界客服人工關帳（error_overDate），或退款",
        "ecpayd refund ORDER";
    Expiring:
        "have it captured by ECPay's customer service, or refund it so that the customer's credit line is free",
        "請綠界客服關帳，或退款讓消費者的信用額度釋放",
        "ecpayd refund ORDER";
    Expired:
        "the payment is lost: settle with the customer, then acknowledge it",
        "這筆款收不到了：請與消費者另行處理，之後確認",
        "ecpayd alerts ack ALERT";
    AmountMismatch:
        "find out why, then correct expected_amount, or refund the order",
        "請查明原因，再更正 expected_amount，或退款",
        "ecpayd refund ORDER";
    UnknownStatus:
        "look at the order in ECPay's dashboard; it goes on by itself once the answer is clear",
        "請到綠界廠商後台看這筆訂單；回應正常後會自動繼續";
    OrderUnknown:
        "compare the number with what was sent to ECPay, and register the right one",
        "請核對送給綠界的編號，登錄正確的那一個",
        "ecpayd orders add NUMBER --merchant MERCHANT";
    Unregistered:
        "register it, all of a statement at once with ecpayd orders adopt; a later authorization of a recurring order with --authorization and its TradeNo",
        "請登錄；整份對帳檔可用 ecpayd orders adopt 一次登錄，定期定額之後各期請加 --authorization 與綠界交易編號",
        "ecpayd orders add ORDER --merchant MERCHANT";
    StatementDiffers:
        "see which orders they are, compare them with ECPay's dashboard, and have what was done there looked at",
        "請看是哪些訂單，與綠界廠商後台核對，再重新查詢一次",
        "ecpayd reconcile --merchant MERCHANT";
    MerchantMissing:
        "add its [[merchant]] section to the settings and start ecpayd again",
        "請在設定檔加上它的 [[merchant]] 段落，再重新啟動 ecpayd",
        "systemctl restart ecpayd";
    ExternalChange:
        "compare with ECPay's dashboard, see that nobody refunds in two places, then acknowledge it",
        "請與綠界廠商後台核對，確認沒有人兩邊都在退款，之後確認",
        "ecpayd alerts ack ALERT";
    RefundWaiting:
        "do what the message says",
        "照訊息處理";
    RefundRejected:
        "correct it and ask again, or refund by hand; then acknowledge it",
        "更正後重新要求，或人工退款；之後確認",
        "ecpayd alerts ack ALERT";
    RefundUndone:
        "ask ECPay what became of it; if it stays undone, declare it so",
        "請問綠界怎麼回事；確定被撤銷，就這樣登記",
        "ecpayd refunds void REFUND --by NAME --why TEXT";
    RefundReview:
        "look at the order in ECPay's dashboard, then say whether the money moved",
        "請先到綠界廠商後台核對，再說明款項有沒有動",
        "ecpayd resolve ATTEMPT --applied|--not-applied --by NAME";
    BalanceShort:
        "pay into the ECPay balance; it is tried again every few hours",
        "請預付款項到綠界帳戶；每隔幾小時會再試";
    RateLimited:
        "nothing at first; if it returns, raise gateway.min_interval and look for other programs on this address",
        "先不用做；若一再發生，請調大 gateway.min_interval，並看同一個 IP 有沒有別的程式在呼叫";
    GatewayDown:
        "nothing, unless it stays",
        "除非一直持續，不用做";
    ClockSkew:
        "set this machine's clock right (NTP)",
        "請修好主機校時（NTP）",
        "timedatectl";
    BadCredentials:
        "compare merchant number, HashKey, HashIV and base_url, then start ecpayd again",
        "請核對特店編號、HashKey、HashIV 與 base_url，再重新啟動 ecpayd",
        "systemctl restart ecpayd";
    VoucherIssueFailed:
        "have the vouchers issued at ECTicket, or refund the card order",
        "請到票券服務補發，或退信用卡訂單",
        "ecpayd refund ORDER";
    VoucherRefundUnconfirmed:
        "ask ECPay's customer service why the bank has not confirmed it",
        "請問綠界客服，銀行為何還沒確認";
    VoucherMismatch:
        "look at the order at ECTicket; it goes on by itself once it adds up",
        "請到票券服務看這筆訂單；對得起來就自動繼續";
    LedgerLogLarge:
        "end the program that keeps a SELECT or a transaction open on the ledger",
        "請結束開著 SELECT 或交易不放的程式",
        "lsof LEDGER";
    DiskLow:
        "make room on the ledger's disk",
        "請在帳本所在的磁碟騰出空間";
    BackupFailing:
        "mend what the message names, then make a backup",
        "請排除訊息所說的原因，再備份一次",
        "systemctl start ecpayd-backup";
    DeliveryFailing:
        "mend the channel, and see what is open meanwhile",
        "請修好這個管道；未結的警告請直接查看",
        "ecpayd alerts test CHANNEL";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alert_has_a_title_and_one_line_of_what_to_do_in_both_languages() {
        let one_line = |text: &str| !text.is_empty() && !text.contains('\n') && !text.ends_with(['.', '。']);
        for kind in AlertKind::ALL {
            for language in Language::ALL {
                let Todo { sentence, command } = kind.todo(language);
                assert!(one_line(sentence) && one_line(kind.named(language)), "{kind:?}: {sentence}");
                assert!(command.is_none_or(|command| !command.ends_with(' ')), "{kind:?}");
            }
            let [english, chinese] = Language::ALL.map(|language| kind.todo(language));
            assert_eq!(english.command, chinese.command, "{kind:?}: a command is typed alike");
            assert!(english.sentence.is_ascii() && !chinese.sentence.is_ascii(), "{kind:?}");
        }
    }
}

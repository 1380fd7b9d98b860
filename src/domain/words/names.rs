//! Names for people, in ECPay's own words where it has one.

use crate::domain::action::Action;
use crate::domain::alert::{AlertKind, Severity};
use crate::domain::attempt::AttemptState;
use crate::domain::event::EventKind;
use crate::domain::language::Language;
use crate::domain::movement::{Hand, MovementKind};
use crate::domain::order::{CaptureMode, OrderState};
use crate::domain::reconcile::Class;
use crate::domain::refund::RefundState;
use crate::domain::service::Service;
use crate::domain::status::CardStatus;
use crate::domain::voucher::{TicketKind, UseStatus, VoucherState};

macro_rules! names {
    ($($type:ident { $($variant:ident: $english:literal, $chinese:literal;)+ })+) => {
        $(
            impl $type {
                /// Its name for people.
                pub fn named(self, language: Language) -> &'static str {
                    match self { $(Self::$variant => language.pick($english, $chinese)),+ }
                }
            }
        )+
    };
}

names! {
    OrderState {
        Registered: "registered", "已登錄";
        Unpaid: "unpaid", "未付款";
        Authorized: "authorized", "已授權";
        ToBeCaptured: "to be captured", "要關帳";
        Captured: "captured", "已關帳";
        Refunded: "refunded", "已全額退刷";
        Voided: "voided", "已取消";
        Expired: "expired", "逾 90 天，綠界已放棄";
        NotCard: "not a card", "非信用卡";
        NotFound: "not found", "綠界查無此訂單";
        Review: "needs a person", "待人工判斷";
    }
    RefundState {
        Queued: "queued", "已排入";
        Running: "under way", "進行中";
        Waiting: "waiting", "等待中";
        Done: "done", "已完成";
        Rejected: "rejected", "已拒絕";
        Review: "needs a person", "待人工判斷";
        Canceled: "canceled", "已撤回";
    }
    MovementKind {
        Authorized: "authorized", "授權";
        Captured: "captured", "關帳";
        CalledBack: "called back", "取消關帳";
        Refunded: "refunded", "退刷";
        Voided: "voided", "取消授權";
        Expired: "expired", "逾期放棄";
    }
    Hand {
        Ecpayd: "ecpayd", "ecpayd";
        Ecpay: "ECPay by itself", "綠界自動";
        Other: "somebody else", "其他人";
    }
    AttemptState {
        Started: "under way", "進行中";
        Accepted: "accepted", "綠界已接受";
        Unknown: "not answered", "未獲回應";
        Review: "needs a person", "待人工判斷";
        Applied: "took effect", "已生效";
        NotApplied: "had no effect", "未生效";
        Refused: "refused", "被拒絕";
        NotSent: "not sent", "未送出";
    }
    VoucherState {
        Registered: "registered", "已登錄";
        Issuing: "being issued", "發行中";
        Issued: "issued", "已發行";
        IssueFailed: "issuing failed", "發行失敗";
        NotFound: "not found", "查無此訂單";
        Review: "needs a person", "待人工判斷";
    }
    UseStatus {
        Unused: "unused", "未使用";
        Redeemed: "redeemed", "已核銷";
        Refunded: "refunded", "已退券";
        Expired: "expired", "已過期";
    }
    TicketKind {
        Pickup: "pickup", "提貨券";
        Gift: "gift", "禮券";
    }
    CaptureMode {
        Auto: "by the settings", "依設定";
        Now: "as soon as allowed", "盡快關帳";
        Hold: "on hold", "商店保留";
    }
    Severity {
        Notice: "notice", "提醒";
        Warning: "warning", "警告";
        Critical: "critical", "嚴重";
    }
    AlertKind {
        CaptureEnding: "capture ends soon", "API 關帳即將期滿";
        CaptureFailing: "capture failing", "關帳失敗";
        CaptureUnclaimed: "capture not claimed", "銀行尚未請款";
        CaptureOverdue: "capture overdue", "逾期未關帳";
        Expiring: "abandoned soon", "綠界即將放棄";
        Expired: "abandoned", "綠界已放棄";
        AmountMismatch: "amounts differ", "金額不符";
        UnknownStatus: "answer not understood", "回應不明";
        OrderUnknown: "order unknown", "綠界查無訂單";
        Unregistered: "not registered", "授權未登錄";
        StatementDiffers: "statement differs", "對帳不符";
        MerchantMissing: "merchant not in the settings", "設定檔沒有特店";
        ExternalChange: "changed at ECPay", "綠界端變動";
        RefundWaiting: "refund waits", "退款尚未結束";
        RefundRejected: "refund rejected", "退款被拒絕";
        RefundUndone: "refund undone", "退款被撤銷";
        RefundReview: "refund needs a person", "退款待人工判斷";
        BalanceShort: "ECPay balance too small", "綠界帳戶餘額不足";
        RateLimited: "rate limited", "呼叫頻率受限";
        GatewayDown: "no answer from ECPay", "綠界沒有回應";
        ClockSkew: "clocks differ", "時鐘不一致";
        BadCredentials: "keys not taken", "金鑰不被接受";
        VoucherIssueFailed: "vouchers not issued", "票券發行失敗";
        VoucherRefundUnconfirmed: "voucher refund not confirmed", "退券未確認";
        VoucherMismatch: "vouchers do not add up", "票券對不起來";
        LedgerLogLarge: "ledger log large", "帳本日誌檔過大";
        DiskLow: "disk nearly full", "磁碟空間不足";
        BackupFailing: "no new backup", "沒有新的備份";
        DeliveryFailing: "messages do not arrive", "通知送不到";
    }
    Class {
        Agrees: "agrees", "相符";
        NotYet: "not listed yet", "尚未列入";
        MissingInLedger: "missing in the ledger", "帳本沒有";
        MissingAtEcpay: "missing at ECPay", "綠界沒有";
        AmountDiffers: "amount differs", "金額不符";
        RefundOnlyAtEcpay: "refund only at ECPay", "只有綠界有退刷";
        RefundOnlyInLedger: "refund only in the ledger", "只有帳本有退刷";
        FeeDiffers: "fee differs", "手續費不符";
    }
    EventKind {
        OrderRegistered: "order registered", "登錄訂單";
        OrderChanged: "order changed", "變更訂單";
        Observed: "looked at", "查詢結果";
        AttemptStarted: "call sent", "送出動作";
        AttemptAccepted: "call accepted", "動作被接受";
        AttemptRefused: "call refused", "動作被拒絕";
        AttemptUnknown: "call not answered", "動作未獲回應";
        AttemptNotSent: "call not sent", "動作未送出";
        AttemptApplied: "call took effect", "動作已生效";
        AttemptNotApplied: "call had no effect", "動作未生效";
        AttemptInReview: "call needs a person", "動作待人工判斷";
        RefundQueued: "refund asked for", "要求退款";
        RefundCanceled: "refund canceled", "撤回退款";
        RefundDone: "refund done", "退款完成";
        RefundRejected: "refund rejected", "退款被拒絕";
        RefundInReview: "refund needs a person", "退款待人工判斷";
        RefundUndone: "refund undone", "退款被撤銷";
        ExternalChange: "changed at ECPay", "綠界端變動";
        CaughtUp: "caught up", "補上帳本";
        VoucherRegistered: "vouchers registered", "登錄票券訂單";
        VoucherGuardChanged: "voucher guard changed", "變更票券把關";
        VoucherObserved: "vouchers looked at", "票券查詢結果";
        VoucherTicketsListed: "tickets listed", "列出票券";
        VoucherTicket: "ticket changed", "票券變動";
        VoucherRefundsObserved: "voucher refunds asked about", "退券確認";
        RateLimited: "rate limited", "呼叫頻率受限";
        Paused: "paused", "暫停";
        Resumed: "resumed", "恢復";
        DaemonStarted: "ecpayd started", "ecpayd 啟動";
        DaemonStopped: "ecpayd stopped", "ecpayd 停止";
        ClockSetBack: "clock set back", "時鐘調回";
        RestoreNoticed: "restore noticed", "發現舊備份";
    }
}

impl Action {
    /// Its name for people: in Chinese ECPay's own word.
    pub fn named(self, language: Language) -> &'static str {
        language.pick(self.verb(), self.chinese())
    }
}

impl CardStatus {
    /// ECPay's own word, in either language.
    pub fn named(self, language: Language) -> &'static str {
        language.pick(self.english(), self.chinese())
    }
}

impl Service {
    pub fn named(self, language: Language) -> &'static str {
        match self {
            Self::Card => language.pick(self.name(), "綠界"),
            Self::Voucher => language.pick(self.name(), "票券服務"),
        }
    }
}

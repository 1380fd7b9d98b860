//! How the gateway treats one merchant, with the oddities that its answers come in.

use serde::{Deserialize, Serialize};

use super::files::StatementTerms;

/// The language of the card detail's status words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialect {
    #[default]
    #[serde(rename = "en")]
    English,
    /// The words of the vendor's older pages: To be settled, Has been settled.
    #[serde(rename = "en-old")]
    OldEnglish,
    #[serde(rename = "zh")]
    Chinese,
}

/// How the card detail spells its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// `Amount`, `ClsAmt`, `CloseData` beside `RtnValue` (recorded).
    #[default]
    Pascal,
    /// `amount`, `clsamt`, `close_data` inside `RtnValue`, as the vendor's form API has it.
    Form,
}

/// Whose urlencode an answer has gone through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Percent {
    /// Upper-case hex, everything but letters, digits and `-_.` escaped.
    #[default]
    Php,
    /// Lower-case hex, `!*()` bare.
    Dotnet,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Space {
    /// `+`
    #[default]
    Plus,
    /// `%20`
    Percent,
}

/// How text stands in an answer's JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonText {
    /// As UTF-8.
    #[default]
    Raw,
    /// `\uXXXX` and `\/`, as PHP writes it by default.
    Escaped,
}

/// How the dates of a voucher's answers come: the vendor's text and its samples differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoucherDates {
    /// `IssueDate` to the second, redemption and refund as a day.
    #[default]
    Sample,
    /// `IssueDate` to the minute, redemption and refund as a day and a time.
    Page,
}

/// The settings of one merchant. Where the vendor's pages leave two readings open, a flag here picks one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// 每日自動關帳 (vendor page 信用卡請退款功能, first note): captures everything authorized at 20:15.
    pub daily_auto_close: bool,
    /// Whether that run also takes orders whose capture was called back the same day.
    pub closes_called_back: bool,
    /// What refunds can be paid from; `None` is without end. Only refunds and control calls
    /// change it, so that a test decides when a refund lacks money (vendor page 信用卡請退款功能, note 4 of R).
    pub balance: Option<i64>,
    /// Whether what is to be captured is claimed from the bank in the night after; else it stays so.
    pub claims: bool,
    /// The contract has ended: the card detail says `error_Stop`, and no call does anything.
    pub stopped: bool,
    /// More calls than this in one minute are answered with 403 for half an hour.
    /// The vendor publishes no figure; `None` is without end.
    pub calls_a_minute: Option<u32>,
    /// Orders are made by 全方位金流 (AIO) from now on, where nothing else is told.
    pub aio: bool,
    /// Whether the JSON order query and DoAction know such orders. The JSON card detail does in any case (seen
    /// in production); of these nobody has told.
    pub aio_on_json: bool,
    /// 商家檢查碼, which the form card detail alone asks for.
    pub credit_check_code: String,
    /// Whether all that an earlier part has left may go back by R on To be captured; nobody has told.
    pub remainder_r: bool,
    /// R on To be captured makes the capture row smaller, instead of adding a negative row.
    pub shrink: bool,
    pub dialect: Dialect,
    pub spelling: Spelling,
    pub percent: Percent,
    pub space: Space,
    pub json: JsonText,
    /// What stands in `RtnMsg` of a success (recorded: `Success`, `Success!`, `Succeeded.`).
    pub success_text: String,
    /// `RtnCode` as text.
    pub text_codes: bool,
    /// Whether the order query of a paid order carries `CardInfo` (recorded both ways).
    pub card_info: bool,
    /// `MerchantID` as a JSON number (recorded).
    pub numeric_merchant_id: bool,
    /// The card detail's header keeps saying Authorized while its row says To be captured.
    pub header_lags: bool,
    /// Whether a UnionPay payment, which is captured at once, is Captured at once; else it is To be
    /// captured until the bank's claim (vendor page 信用卡請退款功能, note 4 of C, leaves it open).
    pub union_pay_claimed: bool,
    /// Whether `ClsAmt` of the card detail falls with refunds; no page says so or otherwise.
    pub cls_follows: bool,
    /// Whether QueryRefundInfo exists: two of the three voucher services have it.
    pub voucher_refund_info: bool,
    /// How many hours after a voucher's refund the bank confirms it; `None`: when it is told to.
    pub voucher_confirm_h: Option<u32>,
    /// Whether an answer holds 200 tickets at most, and `PageNum` asks for more.
    pub voucher_pages: bool,
    pub voucher_dates: VoucherDates,
    /// What a payment by card costs, in thousandths of a percent.
    pub fee_rate: u32,
    /// And at least, NT$.
    pub least_fee: u32,
    /// For each payment besides, NT$.
    pub process_fee: u32,
    /// Working days from the settlement to the payout.
    pub payout_days: u32,
    pub statement: StatementTerms,
}

/// Ten years: what a bank does later, nobody waits for.
const LONGEST_CONFIRMATION_H: u32 = 87_600;

impl Terms {
    /// What decides when the gateway does something by itself.
    pub(super) fn moves(&self) -> [bool; 3] {
        [self.daily_auto_close, self.closes_called_back, self.claims]
    }

    /// What is outside its range, in a sentence.
    pub fn problem(&self) -> Option<String> {
        if self.balance.is_some_and(|balance| balance < 0) {
            return Some("balance must be 0 or more; null is without end".to_owned());
        }
        if self.voucher_confirm_h.is_some_and(|hours| hours > LONGEST_CONFIRMATION_H) {
            return Some(format!("voucher_confirm_h must be at most {LONGEST_CONFIRMATION_H} hours; null: when told"));
        }
        if self.fee_rate > 100_000 || self.least_fee > 1000 || self.process_fee > 1000 {
            return Some("fee_rate must be at most 100000, least_fee and process_fee at most 1000".to_owned());
        }
        let code = &self.credit_check_code;
        if !(4..=20).contains(&code.len()) || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Some("credit_check_code must be 4 to 20 digits".to_owned());
        }
        if self.payout_days > 365 {
            return Some("payout_days must be at most 365".to_owned());
        }
        None
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            daily_auto_close: false,
            closes_called_back: false,
            balance: None,
            claims: true,
            stopped: false,
            calls_a_minute: None,
            aio: false,
            aio_on_json: false,
            credit_check_code: "66315911".to_owned(),
            remainder_r: true,
            shrink: false,
            dialect: Dialect::English,
            spelling: Spelling::Pascal,
            percent: Percent::Php,
            space: Space::Plus,
            json: JsonText::Raw,
            success_text: "Success".to_owned(),
            text_codes: false,
            card_info: true,
            numeric_merchant_id: false,
            header_lags: false,
            union_pay_claimed: true,
            cls_follows: false,
            voucher_refund_info: true,
            voucher_confirm_h: Some(24),
            voucher_pages: true,
            voucher_dates: VoucherDates::Sample,
            fee_rate: 2_750,
            least_fee: 5,
            process_fee: 1,
            payout_days: 5,
            statement: StatementTerms::default(),
        }
    }
}

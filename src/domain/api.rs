//! The two interfaces of ECPay's by which card orders are acted on.

use super::order::words;

words! {
    /// `merchant.card.api`, and by which of them a money call was made.
    #[derive(Default)]
    CardApi {
        /// Of 站內付 2.0, 幕後授權 and the other products whose messages are JSON: a request carries a time
        /// stamp, and is refused once it is old.
        #[default]
        Json = "json",
        /// Of 全方位金流 (AIO): a request carries none (vendor page 信用卡請退款功能, ?p=2885), so that a copy of it
        /// could take effect at any time.
        Form = "form",
    }
}

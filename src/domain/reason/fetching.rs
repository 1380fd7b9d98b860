//! Why ECPay gave out no statement.

use super::codes::reasons;

reasons! {
    /// Why there is no statement from ECPay.
    Fetching {
        /// The merchant has no such file, or ECPay gives out none at present: that says nothing of its orders.
        StatementsNotAvailable = "statements_not_available" { text: String },
        /// The address of this server is not in the merchant's list at ECPay.
        AddressNotListed = "address_not_listed",
        /// ECPay limits our rate: the file is asked for again after the silence.
        StatementsLimited = "statements_limited",
        /// The call brought no answer that can be used, as these words say.
        StatementNotGiven = "statement_not_given" { error: String },
        /// The answer is empty, without even a line of columns.
        StatementEmpty = "statement_empty",
        /// A web page came instead of a file.
        PageForStatement = "page_for_statement",
        /// Words came instead of a file.
        WordsForStatement = "words_for_statement" { text: String },
        /// A file came, and cannot be read into the ledger.
        StatementNotRead = "statement_not_read" { error: String },
    }
}

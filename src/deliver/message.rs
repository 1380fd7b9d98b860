//! What is sent through a channel.

use chrono::{DateTime, Utc};

use crate::domain::alert::Severity;

#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The same over all tries.
    pub id: String,
    pub at: DateTime<Utc>,
    pub severity: Severity,
    /// One line.
    pub title: String,
    /// Plain text, in lines.
    pub text: String,
    /// What a webhook and a command get.
    pub json: serde_json::Value,
}

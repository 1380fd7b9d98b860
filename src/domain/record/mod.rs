//! The mirror of the plan: what a step, an answer or a person's word means for the ledger.

pub mod alerts;
pub mod shown;

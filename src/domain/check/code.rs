//! What is looked at, by names that stay as they are: programs and the operations page go by them.

use serde::{Serialize, Serializer};

use crate::domain::order::words;

words! {
    Code {
        Settings = "settings",
        SettingsFile = "settings-file",
        KeyFiles = "key-files",
        StageGateway = "stage-gateway",
        Channels = "channels",
        /// With `--alerts`: a message through each.
        Channel = "channel",
        Heartbeat = "heartbeat",
        Sqlite = "sqlite",
        TimeZone = "time-zone",
        Ledger = "ledger",
        LedgerPlace = "ledger-place",
        LedgerDirectory = "ledger-directory",
        LedgerFiles = "ledger-files",
        LedgerLinks = "ledger-links",
        DiskSpace = "disk-space",
        Contract = "contract",
        Schema = "schema",
        LedgerContent = "ledger-content",
        Daemon = "daemon",
        Alerts = "alerts",
        Backup = "backup",
        Copies = "copies",
        GatewayName = "gateway-name",
        GatewayConnection = "gateway-connection",
        GatewayTls = "gateway-tls",
        GatewayCertificate = "gateway-certificate",
        GatewayAnswer = "gateway-answer",
        Clock = "clock",
        /// With `--probe`: whether the JSON actions know an order by form.
        Probe = "probe",
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

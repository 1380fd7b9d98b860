//! On which file system the ledger lies. SQLite's log is shared memory and locks: neither works where
//! the file is on another machine, nor where the file alone is mounted and what lies beside it is not.

use std::path::{Path, PathBuf};

use crate::ledger::LedgerError;

/// As the kernel names them in mountinfo. Those of FUSE that are local work and are not here.
const NETWORK: [&str; 31] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ncpfs",
    "9p",
    "afs",
    "coda",
    "ceph",
    "lustre",
    "gfs2",
    "ocfs2",
    "orangefs",
    "pvfs2",
    "beegfs",
    "gpfs",
    "glusterfs",
    "davfs",
    "fuse.sshfs",
    "fuse.s3fs",
    "fuse.rclone",
    "fuse.gcsfuse",
    "fuse.goofys",
    "fuse.glusterfs",
    "fuse.ceph-fuse",
    "fuse.davfs",
    "fuse.davfs2",
    "fuse.curlftpfs",
    "fuse.juicefs",
    "fuse.grpcfuse",
];

/// Refuses a place where the ledger could not be kept. `real` is its path without links.
pub(in crate::ledger) fn check(real: &Path) -> Result<(), LedgerError> {
    // Where the kernel tells nothing nothing is known against it.
    let Ok(table) = std::fs::read("/proc/self/mountinfo") else { return Ok(()) };
    check_in(&String::from_utf8_lossy(&table), real)
}

fn check_in(table: &str, real: &Path) -> Result<(), LedgerError> {
    let Some(mount) = mount_of(table, real) else { return Ok(()) };
    let path = real.to_owned();
    if NETWORK.contains(&mount.kind) {
        return Err(LedgerError::OnANetwork { path, kind: mount.kind.to_owned() });
    }
    if mount.point == real {
        return Err(LedgerError::MountedAlone { path });
    }
    Ok(())
}

struct Mount<'a> {
    point: PathBuf,
    kind: &'a str,
}

/// The one that the path lies on: the longest, and of equal ones the last, which hides those before it.
fn mount_of<'a>(table: &'a str, real: &Path) -> Option<Mount<'a>> {
    table
        .lines()
        .filter_map(read)
        .filter(|mount| real.starts_with(&mount.point))
        .max_by_key(|mount| mount.point.as_os_str().len())
}

/// proc(5): `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw`.
fn read(line: &str) -> Option<Mount<'_>> {
    let (mount, kind) = line.split_once(" - ")?;
    let point = mount.split(' ').nth(4)?;
    Some(Mount { point: PathBuf::from(unescaped(point)), kind: kind.split(' ').next()? })
}

/// Blanks and backslashes are written as three octal digits.
fn unescaped(text: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes.iter().fold(text.to_owned(), |text, (escape, letter)| text.replace(escape, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
40 27 0:40 / /srv/shared rw - nfs4 host:/export rw
41 27 0:41 / /srv/shared/local rw - xfs /dev/vdb rw
42 27 0:42 / /mnt/my\\040disk rw - cifs //host/share rw
43 27 0:43 /data/ledger.db /app/ledger.db rw - ext4 /dev/vda rw
44 27 0:44 / /over rw - nfs host:/export rw
45 44 0:45 / /over rw - tmpfs tmpfs rw
46 27 0:46 / /home/me/remote rw - fuse.sshfs me@host: rw
47 27 0:47 / /mnt/c rw shared:7 master:2 - 9p drvfs rw";

    #[test]
    fn a_ledger_is_refused_on_a_network_and_where_its_file_is_mounted_alone() {
        for (path, sentence) in [
            ("/var/lib/ecpayd/ecpayd.db", ""),
            ("/srv/shared/ecpayd.db", "is on a network file system (nfs4)"),
            ("/srv/shared/local/ecpayd.db", ""),
            ("/srv/sharedby/ecpayd.db", ""),
            ("/mnt/my disk/ecpayd.db", "is on a network file system (cifs)"),
            ("/app/ledger.db", "mount its directory"),
            ("/app/ledger.db2", ""),
            ("/over/ledger.db", ""),
            ("/home/me/remote/ledger.db", "is on a network file system (fuse.sshfs)"),
            ("/mnt/c/ledger.db", "is on a network file system (9p)"),
        ] {
            let said = check_in(TABLE, Path::new(path)).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(said.contains(sentence) && said.is_empty() == sentence.is_empty(), "{path}: {said}");
        }
    }
}

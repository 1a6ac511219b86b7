//! Takes away the network and the right to start programs from the reading process, because reading a file needs
//! neither.
//!
//! This is a filter of system calls, which a 64-bit Linux lets every process install for itself. If it is not
//! available, the file is read without it: the limits of memory and time still hold, and nothing is known to open a
//! connection.

use std::collections::BTreeMap;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

/// System calls that fail with "not permitted", for good, in this thread and in threads that it starts. io_uring is
/// forbidden too because its calls bypass the filter.
const FORBIDDEN: [i64; 5] =
    [libc::SYS_socket, libc::SYS_socketpair, libc::SYS_io_uring_setup, libc::SYS_execve, libc::SYS_execveat];

/// Installs the filter. Returns whether the system accepted it.
pub(super) fn give_up() -> bool {
    let Ok(architecture) = TargetArch::try_from(std::env::consts::ARCH) else { return false };
    let forbidden = BTreeMap::from(FORBIDDEN.map(|call| (call, Vec::new())));
    let not_permitted = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    SeccompFilter::new(forbidden, SeccompAction::Allow, not_permitted, architecture)
        .and_then(BpfProgram::try_from)
        .is_ok_and(|filter| seccompiler::apply_filter(&filter).is_ok())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::process::Command;

    use super::*;

    #[test]
    fn a_thread_without_the_network_reaches_nobody_and_the_others_still_do() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let alone = std::thread::spawn(move || {
            give_up().then(|| {
                [
                    TcpStream::connect(address).err(),
                    UdpSocket::bind("127.0.0.1:0").err(),
                    std::os::unix::net::UnixStream::pair().err(),
                    Command::new("/bin/true").status().err(),
                    std::thread::spawn(move || TcpStream::connect(address).err()).join().unwrap(),
                ]
                .map(|error| error.map(|error| error.kind()))
            })
        });
        match alone.join().unwrap() {
            Some(answers) => assert_eq!(answers, [Some(ErrorKind::PermissionDenied); 5]),
            None => {
                let status = std::fs::read_to_string("/proc/self/status").unwrap();
                assert!(!status.contains("Seccomp_filters:"), "the system has filters, and none was laid");
            }
        }
        assert!(TcpStream::connect(address).is_ok());
    }
}

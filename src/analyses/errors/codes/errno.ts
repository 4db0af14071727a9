/**
 * errno of the C run time of Windows: `value NAME: what it says;`, values in decimal. Up to 34 they are those of every system;
 * names and numbers were read from the errno.h of mingw-w64 (public domain), the words are our own.
 */
export const ERRNO = `
  1 EPERM: not permitted; 2 ENOENT: no such file or directory; 3 ESRCH: no such process; 4 EINTR: interrupted;
  5 EIO: I/O error; 6 ENXIO: no such device; 7 E2BIG: argument list too long; 8 ENOEXEC: not executable;
  9 EBADF: bad file descriptor; 10 ECHILD: no child processes; 11 EAGAIN: not now, try again;
  12 ENOMEM: not enough memory; 13 EACCES: permission denied; 14 EFAULT: bad address; 16 EBUSY: in use;
  17 EEXIST: exists already; 18 EXDEV: on another device; 19 ENODEV: no such device; 20 ENOTDIR: not a directory;
  21 EISDIR: it is a directory; 22 EINVAL: bad argument; 23 ENFILE: too many open files in the system;
  24 EMFILE: too many open files; 25 ENOTTY: wrong kind of device; 27 EFBIG: file too large; 28 ENOSPC: no space left;
  29 ESPIPE: cannot seek; 30 EROFS: file system is read only; 31 EMLINK: too many links; 32 EPIPE: pipe broken;
  33 EDOM: argument out of domain; 34 ERANGE: result out of range; 36 EDEADLK: deadlock;
  38 ENAMETOOLONG: name too long; 39 ENOLCK: no locks left; 40 ENOSYS: not implemented;
  41 ENOTEMPTY: directory not empty; 42 EILSEQ: bad character sequence; 100 EADDRINUSE: address in use;
  101 EADDRNOTAVAIL: address not of this computer; 102 EAFNOSUPPORT: address family not supported;
  103 EALREADY: in progress already; 104 EBADMSG: bad message; 105 ECANCELED: cancelled;
  106 ECONNABORTED: connection aborted; 107 ECONNREFUSED: connection refused; 108 ECONNRESET: connection reset;
  109 EDESTADDRREQ: destination address missing; 110 EHOSTUNREACH: host unreachable; 112 EINPROGRESS: in progress;
  113 EISCONN: connected already; 114 ELOOP: too many symbolic links; 115 EMSGSIZE: message too long;
  116 ENETDOWN: network is down; 117 ENETRESET: network dropped the connection; 118 ENETUNREACH: network unreachable;
  119 ENOBUFS: no buffer space; 120 ENODATA: no data; 123 ENOPROTOOPT: bad protocol option;
  126 ENOTCONN: not connected; 128 ENOTSOCK: not a socket; 129 ENOTSUP: not supported;
  130 EOPNOTSUPP: operation not supported; 132 EOVERFLOW: value too large; 134 EPROTO: protocol error;
  135 EPROTONOSUPPORT: protocol not supported; 136 EPROTOTYPE: wrong protocol for the socket;
  137 ETIME: timer ran out; 138 ETIMEDOUT: timed out; 140 EWOULDBLOCK: would have to wait;`;

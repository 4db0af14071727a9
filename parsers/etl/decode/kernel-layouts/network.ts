import { type EventLayout, layout } from '../event-layout.js';

const V0 = 'daddr:ip4 saddr:ip4 dport:port sport:port size:u32 PID:u32';
const V1 = 'PID:u32 size:u32 daddr:ip4 saddr:ip4 dport:port sport:port';
const V4 = V1;
const V6 = 'PID:u32 size:u32 daddr:ip6 saddr:ip6 dport:port sport:port';
const OPTIONS = 'mss:u16 sackopt:u16 tsopt:u16 wsopt:u16 rcvwin:u32 rcvwinscale:i16 sndwinscale:i16';

/**
 * TCP and UDP. MOF classes TcpIp_TypeGroup1 …, UdpIp_TypeGroup1 … (https://learn.microsoft.com/windows/win32/etw/tcpip,
 * /udpip). Verified: TcpIp 26, 27; UdpIp 10, 11, 26, 27, all v2. In version 1 the connection comes before the sequence
 * number.
 */
export const TCP_IP: readonly EventLayout[] = [
  layout([10, 11, 12, 13, 14, 15], [0, 0], V0),
  layout([10], [1, 1], `${V1} startime:u32 endtime:u32 connid:p seqnum:u32`),
  layout([11, 13, 14, 16, 18, 19, 20, 21, 22], [1, 1], `${V1} connid:p seqnum:u32`),
  layout([12, 15], [1, 1], `${V1} ${OPTIONS} connid:p seqnum:u32`),
  layout([17], [1, 1], 'Proto:u32'),
  layout([10], [2], `${V4} startime:u32 endtime:u32 seqnum:u32 connid:p`),
  layout([11, 13, 14, 16, 18, 19, 20, 21, 22], [2], `${V4} seqnum:u32 connid:p`),
  layout([12, 15], [2], `${V4} ${OPTIONS} seqnum:u32 connid:p`),
  layout([17], [2], 'Proto:u16 FailureCode:u16'),
  layout([26], [2], `${V6} startime:u32 endtime:u32 seqnum:u32 connid:p`),
  layout([27, 29, 30, 32, 34, 35, 36, 37, 38], [2], `${V6} seqnum:u32 connid:p`),
  layout([28, 31], [2], `${V6} ${OPTIONS} seqnum:u32 connid:p`),
];

export const UDP_IP: readonly EventLayout[] = [
  layout([10, 11], [0, 0], 'context:p saddr:ip4 sport:port size:u16 daddr:ip4 dport:port dsize:u16'),
  layout([10, 11], [1, 1], V1),
  layout([10, 11], [2], `${V4} seqnum:u32 connid:p`),
  layout([17], [2], 'Proto:u16 FailureCode:u16'),
  layout([26, 27], [2], `${V6} seqnum:u32 connid:p`),
];

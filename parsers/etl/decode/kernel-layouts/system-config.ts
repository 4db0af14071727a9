import { type EventLayout, layout } from '../event-layout.js';

const CPU = `MHz:u32 NumberOfProcessors:u32 MemSize:u32 PageSize:u32 AllocationGranularity:u32 ComputerName:w256`;
const PNP_NAMES = 'DeviceID:z16 DeviceDescription:z16 FriendlyName:z16';
const FILTERS = `${PNP_NAMES} PdoName:z16 ServiceName:z16 UpperFilters:z16[UpperFiltersCount] LowerFilters:z16[LowerFiltersCount]`;

/**
 * What the machine consists of. MOF classes SystemConfig_CPU … (https://learn.microsoft.com/windows/win32/etw/systemconfig),
 * newer ones as in wmicore.mof and ntwmi.h. Verified: all of version 2 and later but 19, 31 and 32.
 *
 * Two differ from MOF, as the bytes do: NumaNode (24) holds GROUP_AFFINITYs, not u64s; of Processors (35) the identifier
 * comes before the vendor.
 */
export const SYS_CONFIG: readonly EventLayout[] = [
  layout([10], [0, 1], `${CPU} DomainName:w132 HyperThreadingFlag:p`),
  layout([10], [2, 2], `${CPU} DomainName:w134 HyperThreadingFlag:p`),
  layout(
    [10],
    [3],
    `${CPU} DomainName:w134 HyperThreadingFlag:p HighestUserAddress:p ProcessorArchitecture:u16 ProcessorLevel:u16
     ProcessorRevision:x16 PaeEnabled:u8 NxEnabled:u8 MemorySpeed:u32`,
  ),
  layout(
    [11],
    [0],
    `DiskNumber:u32 BytesPerSector:u32 SectorsPerTrack:u32 TracksPerCylinder:u32 Cylinders:u64 SCSIPort:u32 SCSIPath:u32
     SCSITarget:u32 SCSILun:u32 Manufacturer:w256 PartitionCount:u32 WriteCacheEnabled:u8 Pad:u8 BootDriveLetter:w3 Spare:w2`,
  ),
  layout(
    [12],
    [0],
    `StartOffset:u64 PartitionSize:u64 DiskNumber:u32 Size:u32 DriveType:u32 DriveLetterString:w4 Pad1:u32
     PartitionNumber:u32 SectorsPerCluster:u32 BytesPerSector:u32 Pad2:u32 NumberOfFreeClusters:i64
     TotalNumberOfClusters:i64 FileSystem:w16 VolumeExt:u32 Pad3:u32`,
  ),
  layout(
    [13],
    [0, 1],
    `NICName:w256 Index:u32 PhysicalAddrLen:u32 PhysicalAddr:w8 Size:u32 IpAddress:i32 SubnetMask:i32 DhcpServer:i32
     Gateway:i32 PrimaryWinsServer:i32 SecondaryWinsServer:i32 DnsServer1:i32 DnsServer2:i32 DnsServer3:i32 DnsServer4:i32
     Data:u32`,
  ),
  layout(
    [13],
    [2],
    `PhysicalAddr:x64 PhysicalAddrLen:u32 Ipv4Index:u32 Ipv6Index:u32 NICDescription:z16 IpAddresses:z16
     DnsServerAddresses:z16`,
  ),
  layout(
    [14],
    [0],
    `MemorySize:u32 XResolution:u32 YResolution:u32 BitsPerPixel:u32 VRefresh:u32 ChipType:w256 DACType:w256
     AdapterString:w256 BiosString:w256 DeviceId:w256 StateFlags:x32`,
  ),
  layout([15], [0, 1], 'ServiceName:w34 DisplayName:w256 ProcessName:w34 ProcessId:u32'),
  layout(
    [15],
    [2, 2],
    'ProcessId:u32 ServiceState:x32 SubProcessTag:x32 ServiceName:z16 DisplayName:z16 ProcessName:z16',
  ),
  layout(
    [15],
    [3],
    `ProcessId:u32 ServiceState:x32 SubProcessTag:x32 ServiceName:z16 DisplayName:z16 ProcessName:z16 LoadOrderGroup:z16
     SvchostGroup:z16`,
  ),
  layout([16], [0], 'S1:u8 S2:u8 S3:u8 S4:u8 S5:u8 Pad1:u8 Pad2:u8 Pad3:u8'),
  layout([17], [2], 'TcbTablePartitions:u32 MaxHashTableSize:u32 MaxUserPort:u32 TcpTimedWaitDelay:u32'),
  layout(
    [18],
    [2],
    `DiskNumber:u16 BusType:u16 DeviceType:u16 MediaType:u16 StartingOffset:u64 Size:u64 NumberOfFreeBlocks:u64
     TotalNumberOfBlocks:u64 NextWritableAddress:u64 NumberOfSessions:u32 NumberOfTracks:u32 BytesPerSector:u32
     DiscStatus:u16 LastSessionStatus:u16 DriveLetter:z16 FileSystemName:z16 DeviceName:z8 ManufacturerName:z8`,
  ),
  layout([21], [0, 2], 'IRQAffinity:x64 IRQNum:u32 DeviceDescriptionLen:u32 DeviceDescription:z16'),
  layout(
    [21],
    [3],
    'IRQAffinity:x64 IRQGroup:u16 Reserved:u16 IRQNum:u32 DeviceDescriptionLen:u32 DeviceDescription:z16',
  ),
  layout([22], [0, 2], `IDLength:u32 DescriptionLength:u32 FriendlyNameLength:u32 ${PNP_NAMES}`),
  layout([22], [3, 3], `IDLength:u32 DescriptionLength:u32 FriendlyNameLength:u32 ${PNP_NAMES} PdoName:z16`),
  layout([22], [4, 4], `ClassGuid:guid UpperFiltersCount:u32 LowerFiltersCount:u32 ${FILTERS}`),
  layout(
    [22],
    [5],
    `ClassGuid:guid UpperFiltersCount:u32 LowerFiltersCount:u32 DevStatus:x32 DevProblem:u32 ${FILTERS}`,
  ),
  layout(
    [23],
    [2],
    'TargetId:u32 DeviceType:x32 DeviceTimingMode:x32 LocationInformationLen:u32 LocationInformation:z16',
  ),
  layout([24], [2], 'NodeCount:u32 NodeMap:affinity[NodeCount]'),
  layout([25], [2], 'SystemManufacturer:z16 SystemProductName:z16 BiosDate:z16 BiosVersion:z16'),
  layout([26], [2], 'GroupCount:u32 Affinity:p[GroupCount]'),
  layout([27], [2], 'ProcessorCount:u32 ProcessorNumber:processor[ProcessorCount]'),
  layout([28], [2], 'MachineDPI:u32 UserDPI:u32'),
  layout([29], [2], 'CodeIntegrityInfo:x32'),
  layout([30], [2], 'MachineId:guid'),
  layout([33], [2], 'UAPInfo:x64 DeviceFamily:u32 DeviceForm:u32'),
  layout([34], [2], 'UpdateId:z16 FlightIdList:z16'),
  layout(
    [35],
    [2],
    `ProcessorIndex:u32 FeatureSet:x32 ProcessorSpeed:u32 ProcessorName:w64 ProcessorIdentifier:w128 VendorIdentifier:w16`,
  ),
  layout([36], [2], 'VbsEnabled:u8 HvciEnabled:u8 HyperVisorEnabled:u8 Reserved:u8'),
  layout(
    [37],
    [2],
    'BootFlags:x64 FirmwareType:u32 SecureBootEnabled:u8 SecureBootCapable:u8 Reserved1:u8 Reserved2:u8',
  ),
];

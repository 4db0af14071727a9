/**
 * Words that reports are made of. A name that is one of these is replaced where it stands as a name (`C:\\Users\\mark`, `user=mark`,
 * `report.exe`), but not wherever the word occurs: that would tell nobody anything, and make sentences unreadable.
 */
export const PLAIN_WORDS: ReadonlySet<string> = new Set(
  `
able abort aborted about above absolute accent access acpi acquired action active activity actual add added addr address
addresses addressin addressof adds adjust adjustreason admin administrator affinity after afterwards again against age agent
agree aifi aifo alert alertable align alignment all alloc allocate allocated allocates allocating allocation allocations
allocator allocs allocsession alloctime allow allowed alone alpc alpcmessage already also altitude always ambiguous among amp
analysis analyze anchor and another answer answers any anything anywhere aofi aofo apart apc apcs api app append application
applied apr april architecture are arg args argument arguments aria around arrow article ask asked asks assumed ata atapi
ataport attached attempt attempts audio aug august author auto available away axis back backend background backup backwards bad
badge bar bare base beat beats because been before began begin beginheader beginning begins begun behind belongs below beside
between beyond bigint binary bit blank blanks block blocked blocker blocking blockquote blocks bold boolean boot border both
bottom box break breakpoint bridge broken browser bucket buffer buffering buffers buffersize bufferslost bug bugcheck build
builds built bus busy but button byte bytes cache call callback called caller callid calls came can cancel canceled cannot
capacity caption capture case caso categoria category cause caused causes cdata cdb cdf cdfcontrol cdrom cell cells center
certain chain chains chance change changed channel character characters chart charts check checks checksum child children chkimg
cid circular cited class classic classpnp clear click client clock clocks close closed closetag cmd code codes col collect
collector collectors colon color cols column columns com come comes command commandline commands commas commit committed common
communication company compare compared complete completed completing completion component compressed computer condition
confidence config conflict connect connected connection connections console const constructor content contention context
contiguous control controller copied copy core correct corrected correction correlate corrupt corrupted corruption could count
counted counter counters counts coupled cpu cpucount cpumax cpus cputotal crash crashed crashing crc create crit critical
critsec csv cswitch ctf ctrl culprit cumulative current cursor curve custom cut cycle dark dash dashed data database date dates
day days dbgprint dcstart deadlock deadlocks debug debugger debuginfo debugview dec december decimal decimals decoded deep
default defect defunct del delete deleted demo denied depth description desktop detail details detected device devicefamily
devnode devobj devstack dialog dict dicts did died diff differ differences different differs digits dim dir directory dirty
disable disabled disassembly discarded disco disconnected disk disks dispatch dispatched dispatcher display div dll dmp dmy dns
documented does done double doubtful down download dpc dpcisr dpcs dpctype dpcwatchdog drawn drive driver drivers dropped drvobj
dtlock due dump dumper dumpfile dumpkind dumps duration durations during dword dxgkrnl each earlier early edge edges editor
eight elapsed elapsedtime element elements elevated else elsewhere empty enabled encoding encountered end ended endpoint ends
enough enter entities entries entry equal eresource err errno error errorcode errors established etl ets etw event eventguid
eventid eventlog events eventslost eventtrace every evidence evtx exact example exceeded exception exceptions excl exclusive
exclusiveus exe exec execute execution executive exhaustion exist exit exited expected expired explains export exported extended
extension factory facts fail failed failing fails failure failures fall false far fast faster fatal fault faults fdd feb
february fell few fewer ffffff field fields figcaption figure figures file filemode filename fileobj files filetime fileversion
fill filter filters find findings finished firmware first firstus fit fixed flag flags flame flex float flt fltmc fltmgr flush
focus folder font foot for form format found four fourth fout fragenter fragexit fragmented fragments frame frames framework
free freed frees freesession freestack freetime freeze fri friday from front frontend ftdisk full func function functions
further fvevol gap gateway gdi general get give given gives global goes gold gone good graph grew group grouped grouping groups
grow growing grows growth guest gui guid had hal half handle handled handler handles handling hang hangs happens hard hardware
has have head header headers heading heap height held helper here hex hexint hidclass hidden high highest histogram histograms
hit hklm hold holder holds home host hour hours hover how hresult html http https hung hypervisor identifier identifiers idle
ids ignored illegal image imagebase imagefilename images imagesize img impactingsize impactingtype implements implicit inclusive
incomplete inconsistent incorrect index indexer inferred info information informational init initialized initialtime inline
innermost input inset inside install installed installer installs instance instances insufficient int interface internal
interrupt interrupted interrupts interval intervals into invalid inversion iorate ipv irp irpfind irps irql isr isrs isthread
istyped items its itself jan january jitterms join joined joins json jul july jump jun june just kbase kbd kdline kebugcheckex
keep keeps keine kept kernel kernelbase kernelmode key keyboard keys keyword keywords killed kind kinds kmdf known knows label
labelledby labels lacks lane lanes large larger largest last lasts lastus late latencymon later latin launcher layout lead
leading leads leak leaked leaks leaky learn leave left legacy legend length less let lets letter level levelfrom levelled levels
lie lies light like limit limits line lines link list listed lists literal live livekd lives load loaded loader local location
locations lock lockcount locked locks log logclose logdump logged logger logical logman logo logopen logs logsave long longer
longest longestwaitms look looked looks loop loss lost lostevent low lower lpc lpcmessage lrpc lun lvl machine machines made
mail main major make makes malformed manager manifest manifests many map mar march margin mark marked marker marks masks match
max maxbuffers maxdriver maxfragmented maximum maxinclusive maxtotal may mdl mdy mean meaning measured media medium member
memory merge merges message messageindex messagenumber messages met metadata method microsoft mid middle might min minbuffers
mini minidriver minifilter minifilters miniport minor minute minutes mismatch missed missing mixed mkdir mode model module
modules mof moment moments mon monday monitor monospace month more most mov mpio mrxsmb msdl msdsm msg msi msvcr much mup must
mutant mutex mutexes name named names nav nbl nbls ndis ndiskd near nearly need needed needs negative neither nested net
netadapter network never new newest newthreadid next nic nobody node nodes nome none nonpaged nonpagedpool nor normal not note
notes nothing noticed nov november now nowrap ntdll ntfs ntstatus null number numberofbytes numbers numeric object objects
occurred occurrences oct october off offline offset often old older oldest oldthreadid once one ones only ont opcode open opens
opentag operation operational operator option optional options order other others otherwise out outline output outputs outs
outside outstanding over overflow overflowed own owned owner ownerprocess owners ownerthread owning owningthread owns packets
padded padding page paged pagedpool pagefault pagefile pages paging paired panic parameter parameters parent parity parse
parseint part partmgr parts pass passed passive passiveisr path pattern patterns pci pcr pdb pdh peak peb pending per peralloc
percent percentofcpu perfinfo performance perfview period periodic periodms permission persecond phase phrase physical pid pipe
place places play plug plus pnp poaction point pointer pointersize points policy pool poolalloc poolfind poolfree poolhittag
poolmon pooltag pooltrace pooltype poolused popover popovertarget port portcls ports position possible power powershell prcb pre
predicted previous print printed printer prints priority private probably problems proc procdump procedure process processes
processid processing processirps processname processor processors product profile profiles program programs project prompt
protected protection protocol provider providername providers provoke proxy pte ptes public push put quality query queue queued
queues quota quote quotes radius raised ran range ranges rank rare rate ratio raw rdbss rdyboost reach reachable reached read
reader reading readonly reads ready readythread reason reboot receive received recipe record recorded recording records
recovered recovery rect recur red refer referenced refs refused reg regexp region registry rejected release released rem remark
remote removed renderedxml renderinginfo repaired repeat repeats replace reply report reported reports request requester
requests required reserve reserved reset resolved resource resources respond responding response rest restart restarted result
resume retried retries retry return returned returnvalue reused rhythm right ring role room root round routine routines row rows
rpc rpcrt rule run rundown running runs safe said same sample sampled samples sans sat saturday save saved saves saxes say says
scall scan scheduler schema scheme scope score screen script scroll scsi scsiport sdbus search searching second seconds section
sections security see seek seen select self semaphore semicolon send sense sent sep september sequence sequenceno server
serverthread service services servicing session sessionid sessions set setprofint setting settings setup several severe severity
shadow shape share shared sharedwaiters shell short shorter shortest should show shown shows shrank shut shutdown siblings side
signal silent since sind single size skip skipped sleep sleeps slice slopeci slow slower slowly small smaller smb snapshot
snapshots soft solid some something sort source sources space spaceport span spans speaks speed spent spin split spooler
sprocess srb src srv srw stack stacks stackthread stackwalk stall stamp stand standard standby stands start started starts
startswith starttime startus starvation starved state statement status stay stays steady step steps still stop stopped stopping
stops storage store storm storms storport strdump stream stretches string strip stroke strong struct structure stuck stutter
style subject subsystem succeeded success such sum summary summed sums sun sunday supported sure suspect suspend suspended svg
switch switched switches symbol symbols symcache sys sysinfo sysinternals syslog sysptes system systemtime tabindex table tables
tag tagmodule tagplaces tags take taken takes target task tbody tcpip teb tell tells temp template templates terminal terminate
terminated termination test text texts than that the thead their them theme then there these they third this those thread
threadeddpc threadid threads three threshold through thu thursday tick tickms ticks tid tie time timecreated timed timedatestamp
timeout timer timerdpc times timestamp title tls tmf together told tolowercase too took tool toolkit tools top total totaldriver
totals trace tracefmt tracekit tracekitpool tracelog tracelogging tracepdb tracerpt traces tracetime track tracking trailing
transfers transient transition trap triage trim trimmed trouble true truncated trusted tsv tthreadid tue tuesday twice two txt
type typed typeperf types ucx uint unable unavailable uncertainty unclear undefined under unexpected unexpectedly unexplained
unhandled uniqstack unit unknown unless unload unloaded unpack unpacked unreachable unread unreadable unrecovered unresolved
unsupported until unused unwanted update updates upon upper uptime uptimems usage usb usbport usbxhci use used user usermode
users usersid uses utc utf valid value values vector vendor verbose verdict verdicts verification verifier verifierext verify
version vertical victim victims video view viewbox viewer violation virtual visible volmgr volmgrx volsnap volume wait waited
waiter waiters waitms waitreason waits waittime warn warning warnings warnung was watchdog way ways wdf wdfdpc wdfisr wdfldr
wdfpassiveisr wdfworkitem weak wed wednesday weight well went were wevtutil what whea when where whether which while white who
whole whom whose why width will win windbg window windows winget winsock with within without wmitrace word words work worker
working works worst would wow wpa wpaexporter wpaprofile wpp wpr wprp wpt wrap wrapped wrapper write writefact writehex writes
written wrong www xml xperf yes yet you your yours yourself zero zeros zip zone zoom
`
    .trim()
    .split(/\s/),
);

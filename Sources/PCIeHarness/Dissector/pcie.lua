-- Wireshark dissector for the captures of pcie-harness: PCI Express TLPs and DLLPs.
-- Use: wireshark -X lua_script:$(pcie-harness dissector) file.pcapng
--
-- Link type USER0 (147). Two octets stand before each TLP or DLLP:
--   octet 0: bit 7 set on the way to the root complex, bits 6:4 the layer,
--            bits 3:0 the lower bits of the number of the link
--            layer 0: prefixes, header, payload, digest of a TLP
--            layer 1: sequence number, then the same, then LCRC
--            layer 2: a DLLP with its CRC
--   octet 1: marks: what became of it, see `marks` below
-- Sections cited are those of PCI Express Base 5.0.

local pcie = Proto("pcie", "PCI Express")

pcie.prefs.check = Pref.bool("Verify LCRC, ECRC and DLLP CRC", true, "Calculates each CRC")

-- Names

-- 2.2.1, table 2-3: Fmt in bits 7:5, Type in bits 4:0. Messages and prefixes are added below.
local kinds = {
  [0x00] = "MRd", [0x20] = "MRd", [0x01] = "MRdLk", [0x21] = "MRdLk", [0x40] = "MWr", [0x60] = "MWr",
  [0x02] = "IORd", [0x42] = "IOWr", [0x04] = "CfgRd0", [0x44] = "CfgWr0",
  [0x05] = "CfgRd1", [0x45] = "CfgWr1",
  [0x0a] = "Cpl", [0x4a] = "CplD", [0x0b] = "CplLk", [0x4b] = "CplDLk",
  [0x4c] = "FetchAdd", [0x6c] = "FetchAdd", [0x4d] = "Swap", [0x6d] = "Swap", [0x4e] = "CAS", [0x6e] = "CAS",
}
for route = 0, 7 do
  kinds[0x30 + route] = "Msg"
  kinds[0x70 + route] = "MsgD"
end

local titles = {
  MRd = "Memory Read", MRdLk = "Memory Read Locked", MWr = "Memory Write",
  IORd = "I/O Read", IOWr = "I/O Write",
  CfgRd0 = "Configuration Read Type 0", CfgWr0 = "Configuration Write Type 0",
  CfgRd1 = "Configuration Read Type 1", CfgWr1 = "Configuration Write Type 1", Msg = "Message",
  MsgD = "Message with Data", Cpl = "Completion", CplD = "Completion with Data", CplLk = "Completion Locked",
  CplDLk = "Completion Locked with Data",
  FetchAdd = "Fetch and Add AtomicOp", Swap = "Unconditional Swap AtomicOp",
  CAS = "Compare and Swap AtomicOp",
}
local memory = { MRd = true, MRdLk = true, MWr = true, FetchAdd = true, Swap = true, CAS = true }
local atomics = { FetchAdd = true, Swap = true, CAS = true }
local completions = { Cpl = true, CplD = true, CplLk = true, CplDLk = true }
local configuration = { CfgRd0 = true, CfgWr0 = true, CfgRd1 = true, CfgWr1 = true }
local posted = { MWr = true, Msg = true, MsgD = true }

-- 2.2.10
local prefixes = {
  [0x00] = "MR-IOV", [0x0e] = "Vendor local 0", [0x0f] = "Vendor local 1", [0x10] = "Extended TPH",
  [0x11] = "PASID", [0x1e] = "Vendor end-end 0", [0x1f] = "Vendor end-end 1",
}

-- 2.2.8 and appendix F
local messages = {
  [0x00] = "Unlock", [0x01] = "Invalidate_Request", [0x02] = "Invalidate_Completion", [0x04] = "Page_Request",
  [0x05] = "PRG_Response", [0x10] = "LTR", [0x12] = "OBFF", [0x14] = "PM_Active_State_Nak", [0x18] = "PM_PME",
  [0x19] = "PME_Turn_Off", [0x1b] = "PME_TO_Ack",
  [0x20] = "Assert_INTA", [0x21] = "Assert_INTB", [0x22] = "Assert_INTC", [0x23] = "Assert_INTD",
  [0x24] = "Deassert_INTA", [0x25] = "Deassert_INTB", [0x26] = "Deassert_INTC", [0x27] = "Deassert_INTD",
  [0x30] = "ERR_COR", [0x31] = "ERR_NONFATAL", [0x33] = "ERR_FATAL",
  [0x40] = "Attention_Indicator_Off", [0x41] = "Attention_Indicator_On", [0x43] = "Attention_Indicator_Blink",
  [0x44] = "Power_Indicator_Off", [0x45] = "Power_Indicator_On", [0x47] = "Power_Indicator_Blink",
  [0x48] = "Attention_Button_Pressed", [0x50] = "Set_Slot_Power_Limit",
  [0x52] = "PTM_Request", [0x53] = "PTM_Response",
  [0x7e] = "Vendor_Defined_Type_0", [0x7f] = "Vendor_Defined_Type_1",
}
local routings = {
  [0] = "to root complex", [1] = "by address", [2] = "by ID", [3] = "broadcast from root complex",
  [4] = "local", [5] = "gathered to root complex", [6] = "reserved 6", [7] = "reserved 7",
}

-- 2.2.9, table 2-34
local statuses = { [0] = "SC", [1] = "UR", [2] = "RRS", [4] = "CA" }
local statusTitles = {
  SC = "Successful Completion", UR = "Unsupported Request", RRS = "Request Retry Status",
  CA = "Completer Abort",
}

-- 3.5.1, table 3-1; flow control DLLPs are added below.
local dllps = {
  [0x00] = "Ack", [0x01] = "MRInit", [0x02] = "Data_Link_Feature", [0x10] = "Nak", [0x20] = "PM_Enter_L1",
  [0x21] = "PM_Enter_L23", [0x23] = "PM_Active_State_Request_L1", [0x24] = "PM_Request_Ack",
  [0x30] = "Vendor_Specific", [0x31] = "NOP",
}
local credits = {}
for phase, name in pairs({ [0x40] = "InitFC1", [0xc0] = "InitFC2", [0x80] = "UpdateFC" }) do
  for class, suffix in pairs({ [0] = "P", [1] = "NP", [2] = "Cpl" }) do
    for channel = 0, 7 do
      dllps[phase + class * 16 + channel] = name .. "-" .. suffix
      credits[phase + class * 16 + channel] = { name = name, class = suffix }
    end
  end
  for channel = 0, 15 do dllps[phase + 0x30 + channel] = "MR" .. name end
end

local registers = {
  [0x00] = "Vendor ID, Device ID", [0x04] = "Command, Status", [0x08] = "Revision ID, Class Code",
  [0x0c] = "Cache Line Size, Header Type, BIST", [0x10] = "Base Address 0", [0x14] = "Base Address 1",
  [0x34] = "Capabilities Pointer", [0x3c] = "Interrupt Line and Pin",
}

local marks = {
  wrongLinkCRC = 0, nullified = 1, replayed = 2, wrongDigest = 3, lost = 4, fault = 5, violation = 6, note = 7,
}
local markTitles = {
  lost = "Did not reach the receiver", fault = "Touched by a fault", violation = "Against the rules",
  note = "Before it",
}

-- Fields

local hex, dec = base.HEX, base.DEC
local directions = { [0] = "downstream", [1] = "upstream" }
local layers = { [0] = "transaction layer", [1] = "data link layer, TLP", [2] = "data link layer, DLLP" }
local verdicts = { [0] = "bad", [1] = "good", [2] = "not checked", [3] = "nullified" }
local scales = { [0] = "none", [1] = "by 1", [2] = "by 4", [3] = "by 16" }
local f = {}

local function field(key, make, abbreviation, ...)
  f[key] = make("pcie." .. abbreviation, ...)
end

field("direction", ProtoField.uint8, "direction", "Direction", dec, directions, 0x80)
field("layer", ProtoField.uint8, "layer", "Layer", dec, layers, 0x70)
field("source", ProtoField.string, "source", "Source")
field("destination", ProtoField.string, "destination", "Destination")
field("marks", ProtoField.uint8, "marks", "Marks", hex)
field("wrongLinkCRC", ProtoField.bool, "wrong_crc", "LCRC or DLLP CRC wrong", 8, nil, 0x01)
field("nullified", ProtoField.bool, "nullified", "Nullified", 8, nil, 0x02)
field("replayed", ProtoField.bool, "replayed", "Replayed", 8, nil, 0x04)
field("wrongDigest", ProtoField.bool, "wrong_digest", "Digest wrong", 8, nil, 0x08)
field("lost", ProtoField.bool, "lost", "Did not reach the receiver", 8, nil, 0x10)
field("fault", ProtoField.bool, "fault", "Touched by a fault", 8, nil, 0x20)
field("violation", ProtoField.bool, "violation", "Against the rules", 8, nil, 0x40)
field("note", ProtoField.bool, "note", "Something happened before it", 8, nil, 0x80)

field("sequence", ProtoField.uint16, "seq", "Sequence number", dec)
field("linkCRC", ProtoField.uint32, "lcrc", "LCRC", hex)
field("linkCRCExpected", ProtoField.uint32, "lcrc.expected", "LCRC calculated", hex)
field("linkCRCStatus", ProtoField.uint8, "lcrc.status", "LCRC status", dec, verdicts)

field("prefix", ProtoField.uint32, "prefix", "Prefix", hex)
field("prefixType", ProtoField.uint8, "prefix.type", "Type", hex, prefixes)
field("prefixEndToEnd", ProtoField.bool, "prefix.end_to_end", "End-end")
field("pasid", ProtoField.uint32, "prefix.pasid", "PASID", hex)
field("privileged", ProtoField.bool, "prefix.privileged", "Privileged mode requested")
field("execute", ProtoField.bool, "prefix.execute", "Execute requested")

field("type", ProtoField.string, "tlp.type", "Type")
field("firstWord", ProtoField.uint32, "tlp.dw0", "First DW", hex)
field("formatAndType", ProtoField.uint8, "tlp.fmt_type", "Fmt and Type", hex)
field("class", ProtoField.uint8, "tlp.tc", "Traffic class", dec)
field("ordering", ProtoField.bool, "tlp.id_based_ordering", "ID-based ordering")
field("relaxed", ProtoField.bool, "tlp.relaxed_ordering", "Relaxed ordering")
field("noSnoop", ProtoField.bool, "tlp.no_snoop", "No snoop")
field("hint", ProtoField.bool, "tlp.th", "Processing hint")
field("digestPresent", ProtoField.bool, "tlp.digest", "Digest present")
field("poisoned", ProtoField.bool, "tlp.poisoned", "Poisoned")
field("addressType", ProtoField.uint8, "tlp.at", "Address type", dec,
  { [0] = "untranslated", [1] = "translation request", [2] = "translated", [3] = "reserved" })
field("length", ProtoField.uint16, "tlp.length", "Length in DW", dec)
field("requester", ProtoField.string, "tlp.requester", "Requester")
field("requesterID", ProtoField.uint16, "tlp.requester_id", "Requester ID", hex)
field("tag", ProtoField.uint16, "tlp.tag", "Tag", dec)
field("firstEnables", ProtoField.uint8, "tlp.first_be", "First DW byte enables", hex)
field("lastEnables", ProtoField.uint8, "tlp.last_be", "Last DW byte enables", hex)
field("address", ProtoField.uint64, "tlp.address", "Address", hex)
field("firstByte", ProtoField.uint64, "tlp.first_byte", "Address of the first byte", hex)
field("bytes", ProtoField.uint16, "tlp.bytes", "Bytes", dec)
field("target", ProtoField.string, "tlp.target", "Target")
field("register", ProtoField.uint16, "tlp.register", "Register", hex)
field("payload", ProtoField.bytes, "tlp.payload", "Payload")
field("digest", ProtoField.uint32, "ecrc", "ECRC", hex)
field("digestExpected", ProtoField.uint32, "ecrc.expected", "ECRC calculated", hex)
field("digestStatus", ProtoField.uint8, "ecrc.status", "ECRC status", dec, verdicts)

field("completer", ProtoField.string, "cpl.completer", "Completer")
field("completerID", ProtoField.uint16, "cpl.completer_id", "Completer ID", hex)
field("status", ProtoField.uint8, "cpl.status", "Status", dec, statuses)
field("modified", ProtoField.bool, "cpl.bcm", "Byte count modified")
field("byteCount", ProtoField.uint16, "cpl.byte_count", "Byte count", dec)
field("lowerAddress", ProtoField.uint8, "cpl.lower_address", "Lower address", hex)

field("code", ProtoField.uint8, "msg.code", "Message code", hex, messages)
field("routing", ProtoField.uint8, "msg.routing", "Routing", dec, routings)
field("vendor", ProtoField.uint16, "msg.vendor", "Vendor ID", hex)
field("content", ProtoField.uint64, "msg.content", "Header bytes 8 to 15", hex)
field("snoop", ProtoField.string, "msg.ltr.snoop", "Snoop latency")
field("noSnoopLatency", ProtoField.string, "msg.ltr.no_snoop", "No-snoop latency")
field("group", ProtoField.uint16, "msg.page_group", "Page request group index", dec)

field("completionIn", ProtoField.framenum, "completion_in", "Completion in", base.NONE, frametype.RESPONSE)
field("requestIn", ProtoField.framenum, "request_in", "Request in", base.NONE, frametype.REQUEST)
field("replayOf", ProtoField.framenum, "replay_of", "Sent first in", base.NONE)
field("ackIn", ProtoField.framenum, "ack_in", "Acknowledged in", base.NONE, frametype.ACK)
field("ackOf", ProtoField.framenum, "ack_of", "Acknowledges", base.NONE, frametype.ACK)
field("time", ProtoField.relative_time, "time", "Time since the request")
field("answerTime", ProtoField.relative_time, "answer_time", "Time to the last completion")

field("dllpType", ProtoField.string, "dllp.type", "Type")
field("dllpCode", ProtoField.uint8, "dllp.type_code", "Type code", hex)
field("dllpSequence", ProtoField.uint16, "dllp.seq", "Acknowledged sequence number", dec)
field("channel", ProtoField.uint8, "dllp.vc", "Virtual channel", dec)
field("creditClass", ProtoField.string, "dllp.class", "Credit class")
field("headerCredits", ProtoField.uint8, "dllp.header_credits", "Header credits", dec)
field("headerScale", ProtoField.uint8, "dllp.header_scale", "Header scale", dec, scales)
field("dataCredits", ProtoField.uint16, "dllp.data_credits", "Data credits", dec)
field("dataScale", ProtoField.uint8, "dllp.data_scale", "Data scale", dec, scales)
field("features", ProtoField.uint24, "dllp.features", "Features supported", hex)
field("featuresSeen", ProtoField.bool, "dllp.features_seen", "Features of the partner seen")
field("dllpContent", ProtoField.uint24, "dllp.content", "Content", hex)
field("dllpCRC", ProtoField.uint16, "dllp.crc", "CRC", hex)
field("dllpCRCExpected", ProtoField.uint16, "dllp.crc.expected", "CRC calculated", hex)
field("dllpCRCStatus", ProtoField.uint8, "dllp.crc.status", "CRC status", dec, verdicts)

for _, each in pairs(f) do table.insert(pcie.fields, each) end

-- Expert information

local e = {}
local groups, severities = expert.group, expert.severity

local function finding(key, text, group, severity)
  e[key] = ProtoExpert.new("pcie.expert." .. key, text, groups[group], severities[severity])
end

finding("malformed", "Malformed", "MALFORMED", "ERROR")
finding("lcrc", "LCRC bad", "CHECKSUM", "ERROR")
finding("ecrc", "ECRC bad", "CHECKSUM", "ERROR")
finding("dllp_crc", "DLLP CRC bad", "CHECKSUM", "ERROR")
finding("poisoned", "Poisoned", "RESPONSE_CODE", "WARN")
finding("status", "Not successful", "RESPONSE_CODE", "WARN")
finding("retry", "Request Retry Status", "RESPONSE_CODE", "NOTE")
finding("error_message", "Error message", "RESPONSE_CODE", "WARN")
finding("surplus", "Completion of a request that is complete", "SEQUENCE", "WARN")
finding("no_request", "No request for this completion in the capture", "SEQUENCE", "NOTE")
finding("no_completion", "No completion in the capture", "SEQUENCE", "WARN")
finding("replayed", "Replayed", "SEQUENCE", "NOTE")
finding("nak", "Nak", "SEQUENCE", "WARN")
finding("nullified", "Nullified by the sender", "SEQUENCE", "NOTE")
finding("lost", markTitles.lost, "SEQUENCE", "WARN")
finding("fault", markTitles.fault, "COMMENTS_GROUP", "NOTE")
finding("violation", markTitles.violation, "PROTOCOL", "WARN")
finding("note", "Something happened before it", "COMMENTS_GROUP", "NOTE")
finding("cut", "Cut by the snap length of the capture", "UNDECODED", "NOTE")

for _, each in pairs(e) do table.insert(pcie.experts, each) end

-- Bits and checks

local bits = bit32 or bit
local floor = math.floor

local powers = {}
for place = 0, 32 do powers[place] = floor(2 ^ place) end

-- The bits from high to low of a number.
local function slice(word, high, low)
  return floor(word / powers[low]) % powers[high - low + 1]
end

local function flag(word, place) return floor(word / powers[place]) % 2 == 1 end

local function crcTable(polynomial)
  local entries = {}
  for index = 0, 255 do
    local value = index
    for _ = 1, 8 do
      if value % 2 == 1 then
        value = bits.bxor(floor(value / 2), polynomial) % 0x100000000
      else
        value = floor(value / 2)
      end
    end
    entries[index] = value
  end
  return entries
end

-- 2.7.1, 3.5.1 and 3.6.2.1: polynomials 0x04c11db7 and 0x100b, reflected, begun and ended with all ones.
local crc32Table, crc16Table = crcTable(0xedb88320), crcTable(0xd008)

local function crc(entries, ones, text)
  local register = ones
  for index = 1, #text do
    local entry = entries[bits.bxor(register % 256, text:byte(index))]
    register = bits.bxor(floor(register / 256), entry) % 0x100000000
  end
  return ones - register
end

local function pack(word)
  return string.char(slice(word, 31, 24), slice(word, 23, 16), slice(word, 15, 8), slice(word, 7, 0))
end

local function functionName(id)
  return string.format("%02x:%02x.%x", slice(id, 15, 8), slice(id, 7, 3), slice(id, 2, 0))
end

local function plural(count, word) return count .. " " .. word .. (count == 1 and "" or "s") end

-- Zero bits below the lowest bit set, and above the highest of four.
local function trailing(enables)
  for place = 0, 3 do
    if flag(enables, place) then return place end
  end
  return 0
end

local function leading(enables)
  for place = 0, 3 do
    if flag(enables, 3 - place) then return place end
  end
  return 0
end

-- Requests and their completions, found once, in the first pass

local requests -- by link, direction, requester and tag: the request sent last
local linked -- by frame: the request that the frame is or answers
local names -- by link: its description
local unacknowledged -- by link and direction: the frames that wait for their Ack, by sequence number
local acknowledgedBy, acknowledges -- by frame: the frame with the Ack, and the TLPs that an Ack is for

function pcie.init()
  requests, linked, names = {}, {}, {}
  unacknowledged, acknowledgedBy, acknowledges = {}, {}, {}
end

local interfaceID = Field.new("frame.interface_id")
local interfaceText = Field.new("frame.interface_description")
local comments = Field.new("frame.comment")

local function value(extractor)
  local info = extractor()
  return info and info.value
end

-- The time between two frames, which are known to the nanosecond.
local function span(from, to)
  local nanoseconds = floor((to - from) * 1e9 + 0.5)
  local seconds = floor(nanoseconds / 1e9)
  return NSTime.new(seconds, floor(nanoseconds - seconds * 1e9))
end

local function key(at, isUpstream, tlp)
  return string.format("%d %d %04x %d", at.link, isUpstream and 1 or 0, tlp.requester, tlp.tag)
end

local function linkRequest(at, pinfo, tlp)
  local place = key(at, at.isUpstream, tlp)
  local request = requests[place]
  if not (at.isReplayed and request and request.header == tlp.header) then
    request = { number = pinfo.number, time = pinfo.abs_ts, header = tlp.header, completions = {} }
    requests[place] = request
  end
  linked[pinfo.number] = request
end

local function linkCompletion(at, pinfo, tlp)
  local request = requests[key(at, not at.isUpstream, tlp)]
  if not request then return end
  linked[pinfo.number] = request
  table.insert(request.completions, pinfo.number)
  if request.isComplete and not at.isReplayed then request.surplus = pinfo.number end
  if at.isUnheard then return end
  request.answered = pinfo.abs_ts
  -- 2.3.1.1: the byte count is what remains, this completion included.
  local brought = tlp.dwords * 4 - tlp.lowerAddress % 4
  request.isComplete = request.isComplete or tlp.status ~= 0 or not tlp.hasData or tlp.byteCount <= brought
end

local function showRequest(at, pinfo, tree, tlp)
  local request = linked[pinfo.number]
  if not request then return end
  if request.number ~= pinfo.number then tree:add(f.replayOf, request.number):set_generated() end
  for _, number in ipairs(request.completions) do tree:add(f.completionIn, number):set_generated() end
  if request.answered then
    tree:add(f.answerTime, span(request.time, request.answered)):set_generated()
  elseif pinfo.visited then
    tree:add_proto_expert_info(e.no_completion)
  end
end

local function showCompletion(at, pinfo, tree, tlp)
  local request = linked[pinfo.number]
  if not request then
    tree:add_proto_expert_info(e.no_request)
    return
  end
  tree:add(f.requestIn, request.number):set_generated()
  tree:add(f.time, span(request.time, pinfo.abs_ts)):set_generated()
  if request.surplus == pinfo.number then tree:add_proto_expert_info(e.surplus) end
end

local function waiting(at, isUpstream)
  local place = at.link * 2 + (isUpstream and 1 or 0)
  unacknowledged[place] = unacknowledged[place] or {}
  return unacknowledged[place]
end

-- 3.6.2.2: an Ack or Nak is for all up to its sequence number, half of the numbers back.
local function acknowledge(at, pinfo, sequence)
  local list = waiting(at, not at.isUpstream)
  local found = {}
  for number, frame in pairs(list) do
    if (sequence - number) % 4096 < 2048 then
      table.insert(found, frame)
      list[number] = nil
      acknowledgedBy[frame] = pinfo.number
    end
  end
  table.sort(found)
  acknowledges[pinfo.number] = found
end

-- Parts of a TLP. `at` is what is known of the frame, `from` where the header begins.

local function addPrefix(tree, tvb, from, word)
  local kind = slice(word, 28, 24)
  local range = tvb(from, 4)
  local branch = tree:add(f.prefix, range, word)
  branch:append_text(" (" .. (prefixes[kind] or "reserved") .. ")")
  branch:add(f.prefixType, tvb(from, 1), kind)
  branch:add(f.prefixEndToEnd, tvb(from, 1), flag(word, 28))
  if kind == 0x11 then
    branch:add(f.pasid, range, slice(word, 19, 0))
    branch:add(f.privileged, range, flag(word, 21))
    branch:add(f.execute, range, flag(word, 20))
  end
end

local function addRequester(tree, tvb, from, id, tag, tagFrom)
  tree:add(f.requester, tvb(from, 2), functionName(id))
  tree:add(f.requesterID, tvb(from, 2), id):set_hidden()
  tree:add(f.tag, tvb(tagFrom, 1), tag)
end

local function addEnables(tree, tvb, from, tlp)
  tree:add(f.firstEnables, tvb(from + 7, 1), tlp.first)
  tree:add(f.lastEnables, tvb(from + 7, 1), tlp.last)
end

-- 2.3.1.1, table 2-38: the bytes from the first to the last enabled one.
local function enabledBytes(tlp)
  if tlp.last ~= 0 then return tlp.dwords * 4 - trailing(tlp.first) - leading(tlp.last) end
  if tlp.first == 0 then return tlp.dwords > 1 and tlp.dwords * 4 or 0 end
  if tlp.dwords > 1 then return tlp.dwords * 4 - trailing(tlp.first) end
  return 4 - trailing(tlp.first) - leading(tlp.first)
end

-- Memory, AtomicOp and I/O requests.
local function addAddressed(at, tree, tvb, from, tlp)
  local isAtomic = atomics[tlp.kind]
  local upper, low, range = 0, tlp.words[3], tvb(from + 8, 4)
  if tlp.isLong then upper, low, range = tlp.words[3], tlp.words[4], tvb(from + 8, 8) end
  low = low - low % 4
  tree:add(f.address, range, UInt64(low, upper))
  local first, bytes = low, tlp.dwords * 4
  if not isAtomic then
    addEnables(tree, tvb, from, tlp)
    first, bytes = low + trailing(tlp.first), enabledBytes(tlp)
  end
  tree:add(f.firstByte, range, UInt64(first, upper)):set_generated()
  tree:add(f.bytes, tvb(from, 4), bytes):set_generated()
  local text = upper > 0 and string.format("0x%x%08x", upper, first) or string.format("0x%08x", first)
  return string.format("@ %s %s", text, plural(bytes, "byte"))
end

local function addConfiguration(at, tree, tvb, from, tlp)
  local target, register = slice(tlp.words[3], 31, 16), slice(tlp.words[3], 11, 2) * 4
  addEnables(tree, tvb, from, tlp)
  tree:add(f.target, tvb(from + 8, 2), functionName(target))
  local item = tree:add(f.register, tvb(from + 10, 2), register)
  if registers[register] then item:append_text(" (" .. registers[register] .. ")") end
  local bytes = enabledBytes(tlp)
  tree:add(f.bytes, tvb(from, 4), bytes):set_generated()
  return string.format("%s register 0x%03x %s", functionName(target), register + trailing(tlp.first),
    plural(bytes, "byte"))
end

-- 6.18: a value and a scale of powers of 32 ns.
local function latency(half)
  if not flag(half, 15) then return "no requirement" end
  local scale = slice(half, 12, 10)
  if scale > 5 then return "reserved scale" end
  return string.format("%.0f ns", slice(half, 9, 0) * 32 ^ scale)
end

local function addMessage(at, tree, tvb, from, tlp)
  local code, routing = slice(tlp.words[2], 7, 0), slice(tlp.words[1], 26, 24)
  tree:add(f.code, tvb(from + 7, 1), code)
  tree:add(f.routing, tvb(from, 1), routing)
  local name = messages[code] or string.format("code 0x%02x", code)
  local text = name .. " " .. routings[routing]
  if routing == 2 then
    local target = functionName(slice(tlp.words[3], 31, 16))
    tree:add(f.target, tvb(from + 8, 2), target)
    text = name .. " to " .. target
  elseif routing == 1 then
    tree:add(f.address, tvb(from + 8, 8), UInt64(tlp.words[4] - tlp.words[4] % 4, tlp.words[3]))
  end
  if code == 0x7e or code == 0x7f then
    tree:add(f.vendor, tvb(from + 10, 2), slice(tlp.words[3], 15, 0))
    text = text .. string.format(" vendor 0x%04x", slice(tlp.words[3], 15, 0))
  elseif code == 0x10 then
    tree:add(f.noSnoopLatency, tvb(from + 12, 2), latency(slice(tlp.words[4], 31, 16)))
    tree:add(f.snoop, tvb(from + 14, 2), latency(slice(tlp.words[4], 15, 0)))
  elseif code == 0x04 then
    tree:add(f.group, tvb(from + 14, 2), slice(tlp.words[4], 11, 3))
  elseif code == 0x05 then
    tree:add(f.group, tvb(from + 10, 2), slice(tlp.words[3], 8, 0))
  elseif code == 0x30 or code == 0x31 or code == 0x33 then
    tree:add_proto_expert_info(e.error_message, name)
  end
  tree:add(f.content, tvb(from + 8, 8), UInt64(tlp.words[4], tlp.words[3]))
  return text
end

local function addCompletion(at, tree, tvb, from, tlp)
  local completer = slice(tlp.words[2], 31, 16)
  tree:add(f.completer, tvb(from + 4, 2), functionName(completer))
  tree:add(f.completerID, tvb(from + 4, 2), completer):set_hidden()
  local status = tree:add(f.status, tvb(from + 6, 1), tlp.status)
  local name = statuses[tlp.status] or "reserved status " .. tlp.status
  status:append_text(" " .. (statusTitles[name] or ""))
  tree:add(f.modified, tvb(from + 6, 1), flag(tlp.words[2], 12))
  tree:add(f.byteCount, tvb(from + 6, 2), tlp.byteCount)
  tree:add(f.lowerAddress, tvb(from + 11, 1), tlp.lowerAddress)
  if tlp.status == 2 then
    tree:add_proto_expert_info(e.retry)
  elseif tlp.status ~= 0 then
    tree:add_proto_expert_info(e.status, statusTitles[name] or name)
  end
  local text = string.format("for %s tag %d %s", functionName(tlp.requester), tlp.tag, name)
  if not tlp.hasData then return functionName(completer) .. " " .. text end
  local bytes = math.min(tlp.byteCount, tlp.dwords * 4 - tlp.lowerAddress % 4)
  tree:add(f.bytes, tvb(from, 4), bytes):set_generated()
  local remaining = bytes < tlp.byteCount and bytes .. " of " or ""
  return functionName(completer) .. " " .. text .. " " .. remaining .. plural(tlp.byteCount, "byte")
end

local attributes = {
  { "ordering", 18, "ID-based ordering" }, { "relaxed", 13, "relaxed ordering" },
  { "noSnoop", 12, "no snoop" }, { "hint", 16, "processing hint" }, { "digestPresent", 15, "digest" },
  { "poisoned", 14, "poisoned" },
}

local function addCommon(tree, tvb, from, tlp)
  local word = tlp.words[1]
  tree:add(f.type, tvb(from, 1), tlp.kind):append_text(" (" .. titles[tlp.kind] .. ")")
  local branch = tree:add(f.firstWord, tvb(from, 4), word)
  local range = tvb(from + 1, 3)
  branch:add(f.formatAndType, tvb(from, 1), tlp.code)
  branch:add(f.class, tvb(from + 1, 1), slice(word, 22, 20))
  local set = {}
  for _, entry in ipairs(attributes) do
    local isSet = flag(word, entry[2])
    branch:add(f[entry[1]], range, isSet)
    if isSet then table.insert(set, entry[3]) end
  end
  if #set > 0 then branch:append_text(" (" .. table.concat(set, ", ") .. ")") end
  if memory[tlp.kind] then branch:add(f.addressType, tvb(from + 2, 1), slice(word, 11, 10)) end
  tree:add(f.length, tvb(from + 2, 2), tlp.dwords)
end

-- What the header says, from its words.
local function readHeader(tvb, from, words)
  local code = slice(words[1], 31, 24)
  local tlp = {
    words = words, code = code, kind = kinds[code], isLong = flag(words[1], 29), hasData = flag(words[1], 30),
    hasDigest = flag(words[1], 15), isPoisoned = flag(words[1], 14),
    upperTag = slice(words[1], 23, 23) * 512 + slice(words[1], 19, 19) * 256,
  }
  tlp.length = slice(words[1], 9, 0)
  tlp.dwords = tlp.length == 0 and 1024 or tlp.length
  tlp.payload = tlp.hasData and tlp.dwords * 4 or 0
  if not tlp.hasData and (tlp.kind == "Msg" or completions[tlp.kind]) then tlp.dwords = tlp.length end
  tlp.headerBytes = tlp.isLong and 16 or 12
  return tlp
end

local function readRest(tvb, from, tlp)
  for index = 2, tlp.headerBytes / 4 do tlp.words[index] = tvb(from + index * 4 - 4, 4):uint() end
  tlp.header = tvb:raw(from, tlp.headerBytes)
  local second, third = tlp.words[2], tlp.words[3]
  tlp.isCompletion = completions[tlp.kind] or false
  tlp.requester = slice(tlp.isCompletion and third or second, 31, 16)
  tlp.tag = tlp.upperTag + slice(tlp.isCompletion and third or second, 15, 8)
  tlp.first, tlp.last = slice(second, 3, 0), slice(second, 7, 4)
  tlp.status = slice(second, 15, 13)
  tlp.byteCount = slice(second, 11, 0)
  if tlp.byteCount == 0 then tlp.byteCount = 4096 end
  tlp.lowerAddress = slice(third, 6, 0)
end

local function malformed(at, tree, text)
  tree:add_proto_expert_info(e.malformed, text)
  table.insert(at.remarks, "malformed: " .. text)
end

local function addVerdict(tree, range, name, expected, seen, format)
  tree:add_le(f[name], range)
  local verdict = expected and (expected == seen and 1 or 0) or 2
  if verdict == 0 then tree:add(f[name .. "Expected"], range, expected):set_generated() end
  return verdict
end

-- The digest fits the TLP without local prefixes, with Type[0] and EP counted as ones (2.7.1).
local function addDigest(at, tree, tvb, from, tlp, payloadEnd)
  local range = tvb(payloadEnd, 4)
  local expected
  if pcie.prefs.check then
    local word = bits.bor(tlp.words[1], 0x01004000) % 0x100000000
    expected = crc(crc32Table, 0xffffffff,
      tlp.endToEnd .. pack(word) .. tvb:raw(from + 4, payloadEnd - from - 4))
  end
  local verdict = addVerdict(tree, range, "digest", expected, range:le_uint())
  tree:add(f.digestStatus, range, verdict):set_generated()
  if verdict == 0 then
    tree:add_proto_expert_info(e.ecrc)
    table.insert(at.remarks, "ECRC bad")
  end
end

-- Payload and digest; `whole` is where the TLP ends on the wire, `have` where it ends in the capture.
local function addRest(at, tree, tvb, from, tlp, whole, have)
  local start = from + tlp.headerBytes
  local payloadEnd = start + tlp.payload
  local stop = payloadEnd + (tlp.hasDigest and 4 or 0)
  if stop ~= whole then
    malformed(at, tree, string.format("the header means %s, the link carried %d",
      plural(stop - from, "byte"), whole - from))
  end
  -- With a length that is wrong, all that was carried is payload but the digest.
  if stop ~= whole then payloadEnd = math.max(start, whole - (tlp.hasDigest and 4 or 0)) end
  local kept = math.min(payloadEnd, have)
  if kept > start then tree:add(f.payload, tvb(start, kept - start)) end
  if tlp.hasDigest and payloadEnd + 4 <= have then addDigest(at, tree, tvb, from, tlp, payloadEnd) end
end

local function addHeader(at, tree, tvb, from, tlp)
  addCommon(tree, tvb, from, tlp)
  addRequester(tree, tvb, from + (tlp.isCompletion and 8 or 4), tlp.requester, tlp.tag,
    from + (tlp.isCompletion and 10 or 6))
  if tlp.isCompletion then return addCompletion(at, tree, tvb, from, tlp) end
  local text
  if tlp.kind == "Msg" or tlp.kind == "MsgD" then
    text = addMessage(at, tree, tvb, from, tlp)
  elseif configuration[tlp.kind] then
    text = addConfiguration(at, tree, tvb, from, tlp)
  else
    text = addAddressed(at, tree, tvb, from, tlp)
  end
  if not posted[tlp.kind] then text = "tag " .. tlp.tag .. " " .. text end
  return functionName(tlp.requester) .. " " .. text
end

-- A TLP from `from` to `whole`, of which the capture has what is before `have`. Gives a line that sums it up.
local function addTLP(at, pinfo, tree, tvb, from, whole, have)
  local endToEnd, count = "", 0
  while have - from >= 4 and slice(tvb(from, 1):uint(), 7, 5) == 4 do
    local word = tvb(from, 4):uint()
    addPrefix(tree, tvb, from, word)
    if flag(word, 28) then endToEnd = endToEnd .. pack(word) end
    count = count + 1
    from = from + 4
  end
  if count > 4 then malformed(at, tree, count .. " prefixes; four are the most") end
  if have - from < 4 then
    malformed(at, tree, "no header")
    return "TLP"
  end
  local tlp = readHeader(tvb, from, { tvb(from, 4):uint() })
  if not tlp.kind then
    tree:add(f.formatAndType, tvb(from, 1), tlp.code)
    malformed(at, tree, string.format("Fmt and Type 0x%02x are not defined", tlp.code))
    return "TLP"
  end
  if have - from < tlp.headerBytes then
    tree:add(f.type, tvb(from, 1), tlp.kind)
    malformed(at, tree, string.format("the header has %d of %d bytes", have - from, tlp.headerBytes))
    return tlp.kind
  end
  tlp.endToEnd = endToEnd
  readRest(tvb, from, tlp)
  local text = addHeader(at, tree, tvb, from, tlp)
  addRest(at, tree, tvb, from, tlp, whole, have)
  if tlp.isPoisoned then
    tree:add_proto_expert_info(e.poisoned)
    table.insert(at.remarks, 1, "poisoned")
  end
  local link, show = linkRequest, showRequest
  if tlp.isCompletion then link, show = linkCompletion, showCompletion end
  if not posted[tlp.kind] then
    if not pinfo.visited then link(at, pinfo, tlp) end
    show(at, pinfo, tree, tlp)
  end
  return tlp.kind .. " " .. text
end

-- Layers

local function addTransaction(at, pinfo, tree, tvb, whole, have)
  return addTLP(at, pinfo, tree, tvb, 2, whole, have)
end

local function addLinkCRC(at, tree, tvb, whole)
  local range = tvb(whole - 4, 4)
  local seen, expected = range:le_uint(), nil
  if pcie.prefs.check then expected = crc(crc32Table, 0xffffffff, tvb:raw(2, whole - 6)) end
  local verdict = addVerdict(tree, range, "linkCRC", expected, seen)
  -- 3.6.2.1: the LCRC of a nullified TLP is inverted.
  if verdict == 0 and seen == 0xffffffff - expected then verdict = 3 end
  tree:add(f.linkCRCStatus, range, verdict):set_generated()
  if verdict == 0 then
    tree:add_proto_expert_info(e.lcrc)
    table.insert(at.remarks, "LCRC bad")
  end
  if verdict == 0 or verdict == 3 then at.isUnheard = true end
end

local function addFrame(at, pinfo, tree, tvb, whole, have)
  if have < 4 then
    malformed(at, tree, "no sequence number")
    return "TLP"
  end
  local sequence = tvb(2, 2):uint() % 4096
  tree:add(f.sequence, tvb(2, 2), sequence)
  if whole - 4 < 4 then
    malformed(at, tree, "no LCRC")
    return "TLP seq " .. sequence
  end
  -- The LCRC first: whether a completion was heard depends on it.
  if have == whole then addLinkCRC(at, tree, tvb, whole) end
  if not pinfo.visited and not at.isUnheard then waiting(at, at.isUpstream)[sequence] = pinfo.number end
  local ack = acknowledgedBy[pinfo.number]
  if ack then tree:add(f.ackIn, ack):set_generated() end
  local text = addTLP(at, pinfo, tree, tvb, 4, whole - 4, math.min(have, whole - 4))
  return text .. " seq " .. sequence
end

local function addFlowControl(tree, tvb, code, word)
  local channel, header, data = slice(code, 2, 0), slice(word, 21, 14), slice(word, 11, 0)
  tree:add(f.channel, tvb(2, 1), channel)
  tree:add(f.creditClass, tvb(2, 1), credits[code].class)
  tree:add(f.headerScale, tvb(3, 1), slice(word, 23, 22))
  tree:add(f.headerCredits, tvb(3, 2), header)
  tree:add(f.dataScale, tvb(4, 1), slice(word, 13, 12))
  tree:add(f.dataCredits, tvb(4, 2), data)
  return string.format("%s VC%d header %d data %d", dllps[code], channel, header, data)
end

local function addAcknowledgement(at, pinfo, tree, tvb, code, sequence, isRight)
  tree:add(f.dllpSequence, tvb(4, 2), sequence)
  if code == 0x10 then tree:add_proto_expert_info(e.nak) end
  if not pinfo.visited and isRight then acknowledge(at, pinfo, sequence) end
  for _, frame in ipairs(acknowledges[pinfo.number] or {}) do tree:add(f.ackOf, frame):set_generated() end
  return dllps[code] .. " " .. sequence
end

local function addDLLPContent(tree, tvb, code, word)
  local content = slice(word, 23, 0)
  if credits[code] then
    return addFlowControl(tree, tvb, code, word)
  elseif code == 0x02 then
    tree:add(f.features, tvb(3, 3), slice(word, 22, 0))
    tree:add(f.featuresSeen, tvb(3, 1), flag(word, 23))
    local seen = flag(word, 23) and " acknowledged" or ""
    return string.format("%s 0x%06x%s", dllps[code], slice(word, 22, 0), seen)
  end
  tree:add(f.dllpContent, tvb(3, 3), content)
  if code == 0x30 then return string.format("%s 0x%06x", dllps[code], content) end
  return dllps[code] or string.format("DLLP type 0x%02x", code)
end

-- Gives whether the CRC fits; what is not checked does.
local function addDLLPCheck(at, tree, tvb)
  local range = tvb(6, 2)
  local expected = pcie.prefs.check and crc(crc16Table, 0xffff, tvb:raw(2, 4)) or nil
  local verdict = addVerdict(tree, range, "dllpCRC", expected, range:le_uint())
  tree:add(f.dllpCRCStatus, range, verdict):set_generated()
  if verdict == 0 then
    tree:add_proto_expert_info(e.dllp_crc)
    table.insert(at.remarks, "CRC bad")
  end
  return verdict ~= 0
end

local function addDLLP(at, pinfo, tree, tvb, whole, have)
  if have < 6 then
    malformed(at, tree, string.format("the DLLP has %s; it must have 6", plural(have - 2, "byte")))
    return "DLLP"
  end
  local code, word = tvb(2, 1):uint(), tvb(2, 4):uint()
  tree:add(f.dllpType, tvb(2, 1), dllps[code] or "reserved")
  tree:add(f.dllpCode, tvb(2, 1), code)
  local isRight = have >= 8 and addDLLPCheck(at, tree, tvb)
  local text
  if code == 0x00 or code == 0x10 then
    text = addAcknowledgement(at, pinfo, tree, tvb, code, slice(word, 11, 0), isRight)
  else
    text = addDLLPContent(tree, tvb, code, word)
  end
  if whole ~= 8 then
    malformed(at, tree, string.format("the DLLP has %s; it must have 6", plural(whole - 2, "byte")))
  end
  return text
end

local parts = { [0] = addTransaction, [1] = addFrame, [2] = addDLLP }

-- The frame

-- The comments of a frame, nil where there are none.
local function commentText()
  local texts = {}
  for _, info in ipairs({ comments() }) do table.insert(texts, tostring(info.value)) end
  if #texts > 0 then return table.concat(texts, "; ") end
end

-- Each mark that is set, what is found with it, and whether comments tell about it.
local markList = {
  { "wrongLinkCRC" }, { "nullified", e.nullified }, { "replayed", e.replayed }, { "wrongDigest" },
  { "lost", e.lost, true }, { "fault", e.fault, true }, { "violation", e.violation, true },
  { "note", e.note, true },
}

local function addMark(at, branch, range, entry)
  local name, found, isTold = entry[1], entry[2], entry[3]
  branch:add(f[name], range)
  if not found then return end
  if isTold then at.comment = at.comment or commentText() end
  if isTold and at.comment then
    branch:add_proto_expert_info(found, markTitles[name] .. ": " .. at.comment)
  else
    branch:add_proto_expert_info(found)
  end
  table.insert(at.remarks, name)
end

local function addMarks(at, tree, tvb)
  local range = tvb(1, 1)
  local octet = range:uint()
  local branch = tree:add(f.marks, range)
  if octet == 0 then return end
  at.isReplayed = flag(octet, marks.replayed)
  at.isUnheard = flag(octet, marks.wrongLinkCRC) or flag(octet, marks.nullified) or flag(octet, marks.lost)
  for _, entry in ipairs(markList) do
    if flag(octet, marks[entry[1]]) then addMark(at, branch, range, entry) end
  end
  if #at.remarks > 0 then branch:append_text(" (" .. table.concat(at.remarks, ", ") .. ")") end
end

-- The ends of a link, out of its description: "rc above mem, 8000 MT/s x4".
local function endNames(text)
  local above, below = string.match(text, "^(%S+) above ([^%s,]+)")
  if not above then above, below = string.match(text, "^(%S+) to ([^%s,]+)") end
  return above or "upper port", below or "lower port"
end

-- What is once known of a link is kept, as Wireshark does not tell its description in each pass.
local function addEnds(at, pinfo, tree, range)
  names[at.link] = value(interfaceText) or names[at.link]
  local above, below = endNames(names[at.link] or "")
  local source, destination = above, below
  if at.isUpstream then source, destination = below, above end
  tree:add(f.source, range, source):set_generated()
  tree:add(f.destination, range, destination):set_generated()
  pinfo.cols.src = source
  pinfo.cols.dst = destination
end

function pcie.dissector(tvb, pinfo, root)
  local whole = tvb:reported_len()
  local have = math.min(tvb:len(), whole)
  pinfo.cols.protocol = "PCIe"
  if have < 2 then
    local tree = root:add(pcie, tvb())
    tree:add_proto_expert_info(e.malformed, "no pseudo-header")
    pinfo.cols.info = "[malformed: no pseudo-header]"
    return
  end
  local tree = root:add(pcie, tvb(0, have))
  local first = tvb(0, 1):uint()
  -- Wireshark keeps the interface to itself while it loads a file: then the link is known up to sixteen.
  local at = { isUpstream = flag(first, 7), link = value(interfaceID) or slice(first, 3, 0), remarks = {} }
  tree:add(f.direction, tvb(0, 1))
  tree:add(f.layer, tvb(0, 1))
  addEnds(at, pinfo, tree, tvb(0, 1))
  addMarks(at, tree, tvb)
  local part = parts[slice(first, 6, 4)]
  local text
  if part then
    text = part(at, pinfo, tree, tvb, whole, have)
  else
    malformed(at, tree, "layer " .. slice(first, 6, 4) .. " is not defined")
    text = "PCIe"
  end
  if have < whole then
    tree:add_proto_expert_info(e.cut, string.format("Cut by the snap length: %d of %d bytes", have, whole))
    table.insert(at.remarks, "cut")
  end
  tree:append_text(", " .. text)
  if #at.remarks > 0 then
    text = text .. " [" .. table.concat(at.remarks, ", ") .. (at.comment and ": " .. at.comment or "") .. "]"
  end
  pinfo.cols.info = text
end

DissectorTable.get("wtap_encap"):add((wtap_encaps or wtap).USER0, pcie)

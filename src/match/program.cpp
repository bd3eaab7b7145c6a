#include "match/program.h"

#include <algorithm>

#include "base/assert.h"

namespace merlon::match {
namespace {

constexpr std::array<char, 8> kMagic = {'M', 'E', 'R', 'L', 'O', 'N', 'R', 'X'};
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kAllFlags = 511;
constexpr std::uint32_t kAllAssertions = 63;
constexpr std::array<std::uint32_t, 9> kElementBytes = {
    sizeof(Inst), sizeof(Inst), sizeof(Transition), sizeof(ByteSet), 1, 1, 1, 1, 1};
constexpr std::uint32_t kMaxGroups = 1u << 24;

std::size_t index_of(ProgramPart part) { return static_cast<std::size_t>(part); }

Error wrong(std::string_view what, std::size_t offset) {
    return Error{"stored expression: " + std::string(what) +
                     "; the file is damaged or of another version, build it again",
                 offset};
}

// Bytes of the classes that begin anew at `byte`: a class is a run of bytes.
class ClassMaker {
  public:
    void add(std::uint8_t low, std::uint8_t high) {
        begins_[low] = true;
        if (high < 255) begins_[high + 1u] = true;
    }
    void add(const ByteSet& set) {
        for (unsigned byte = 1; byte < 256; ++byte) {
            if (contains(set, static_cast<std::uint8_t>(byte)) !=
                contains(set, static_cast<std::uint8_t>(byte - 1))) {
                begins_[byte] = true;
            }
        }
    }
    std::array<std::uint8_t, 256> classes() const {
        std::array<std::uint8_t, 256> classes{};
        for (unsigned byte = 1; byte < 256; ++byte) {
            classes[byte] = static_cast<std::uint8_t>(classes[byte - 1] + (begins_[byte] ? 1 : 0));
        }
        return classes;
    }

  private:
    std::array<bool, 256> begins_{};
};

std::string write_strings(const std::vector<std::string>& strings) {
    std::string out;
    for (const std::string& string : strings) {
        const auto length = static_cast<std::uint32_t>(string.size());
        char bytes[4];
        std::memcpy(bytes, &length, sizeof length);
        out.append(bytes, sizeof bytes);
        out += string;
        out.append((4 - out.size() % 4) % 4, '\0');
    }
    return out;
}

// The strings of a section, or nullopt where they do not fill it.
bool read_strings(std::string_view section, std::vector<std::string>* out) {
    while (!section.empty()) {
        std::uint32_t length = 0;
        if (section.size() < sizeof length) return false;
        std::memcpy(&length, section.data(), sizeof length);
        section.remove_prefix(sizeof length);
        if (length > section.size()) return false;
        if (out != nullptr) out->emplace_back(section.substr(0, length));
        const std::size_t padded = (std::size_t{length} + 3) / 4 * 4;
        if (padded > section.size()) return false;
        section.remove_prefix(padded);
    }
    return true;
}

std::size_t count_strings(std::string_view section) {
    std::vector<std::string> strings;
    read_strings(section, &strings);
    return strings.size();
}

ClassMaker make_classes(const Code& forward, const Code& reverse,
                        std::span<const Transition> transitions,
                        std::span<const ByteSet> byte_sets) {
    ClassMaker maker;
    bool lines = false;
    bool words = false;
    for (const Code& code : {forward, reverse}) {
        for (const Inst& inst : code.insts) {
            if (inst.op == InstOp::kRange) maker.add(inst.low, inst.high);
            if (inst.op != InstOp::kAssert) continue;
            lines = lines || (inst.arg & (kAssertBeginLine | kAssertEndLine)) != 0;
            words = words || (inst.arg & (kAssertWordBoundary | kAssertNoWordBoundary)) != 0;
        }
    }
    for (const Transition& transition : transitions) maker.add(transition.low, transition.high);
    for (const ByteSet& set : byte_sets) maker.add(set);
    if (lines) maker.add('\n', '\n');
    if (words) {
        maker.add('0', '9');
        maker.add('A', 'Z');
        maker.add('_', '_');
        maker.add('a', 'z');
    }
    return maker;
}

Status check_inst(const Inst& inst, const Code& code, std::size_t transitions, std::size_t sets,
                  std::uint32_t groups, std::size_t at) {
    const std::size_t count = code.insts.size();
    const bool goes_on =
        inst.op != InstOp::kFail && inst.op != InstOp::kMatch && inst.op != InstOp::kSparse;
    if (goes_on && inst.out >= count) return wrong("an instruction leads nowhere", at);
    bool valid = true;
    switch (inst.op) {
        case InstOp::kFail:
        case InstOp::kMatch:
            break;
        case InstOp::kAlt:
            valid = inst.arg < count;
            break;
        case InstOp::kRange:
            valid = inst.low <= inst.high;
            break;
        case InstOp::kSet:
            valid = inst.arg < sets;
            break;
        case InstOp::kSparse:
            valid = inst.arg < transitions && transitions - inst.arg > inst.low;
            break;
        case InstOp::kCapture:
            valid = inst.arg < 2 * (groups + 1);
            break;
        case InstOp::kAssert:
            valid = inst.arg <= kAllAssertions;
            break;
        default:
            valid = false;
    }
    return valid ? Status() : wrong("an instruction is not one", at);
}

// Transitions belong to the code whose instruction names them.
Status check_code(const Code& code, std::span<const Transition> transitions, std::size_t sets,
                  std::uint32_t groups) {
    if (code.anchored >= code.insts.size() || code.unanchored >= code.insts.size()) {
        return wrong("the start is not an instruction", 0);
    }
    for (std::size_t i = 0; i < code.insts.size(); ++i) {
        const Inst& inst = code.insts[i];
        if (Status status = check_inst(inst, code, transitions.size(), sets, groups, i);
            !status.ok()) {
            return status;
        }
        if (inst.op != InstOp::kSparse) continue;
        int last = -1;
        for (const Transition& transition :
             transitions.subspan(inst.arg, std::size_t{inst.low} + 1)) {
            if (transition.low <= last || transition.high < transition.low ||
                transition.out >= code.insts.size()) {
                return wrong("a transition is not one", i);
            }
            last = transition.high;
        }
    }
    return {};
}

// Every instruction that is reached without a byte is reached once: a loop of such would never end.
// The engines guard against loops by marking what they have seen, so there is nothing to check.

}  // namespace

Result<ProgramView> ProgramView::load(std::span<const std::byte> bytes) {
    ProgramView view;
    ProgramHeader& header = view.header_;
    if (bytes.size() < sizeof header) return wrong("it is too short", bytes.size());
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint32_t) != 0) {
        return wrong("it does not lie on a multiple of four", 0);
    }
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.magic != kMagic || header.version != kVersion) return wrong("not this format", 0);
    if (header.size > bytes.size() || header.size < sizeof header) return wrong("its size", 12);
    if ((header.flags & ~kAllFlags) != 0 || header.group_count > kMaxGroups ||
        header.syntax > 0xFF || header.required_byte > kNoRequiredByte) {
        return wrong("its header", 16);
    }
    view.bytes_ = bytes.first(header.size);
    std::array<const std::byte*, kElementBytes.size()> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto [offset, count] = header.sections[i];
        if (offset % 4 != 0 || offset < sizeof header || offset > header.size ||
            (header.size - offset) / kElementBytes[i] < count) {
            return wrong("a section lies outside", i);
        }
        parts[i] = bytes.data() + offset;
    }
    const auto at = [&](ProgramPart part) { return parts[index_of(part)]; };
    const auto count = [&](ProgramPart part) { return header.sections[index_of(part)].count; };
    const auto text = [&](ProgramPart part) {
        return std::string_view(reinterpret_cast<const char*>(at(part)), count(part));
    };
    view.forward_ = {
        {reinterpret_cast<const Inst*>(at(ProgramPart::kForward)), count(ProgramPart::kForward)},
        header.anchored[0],
        header.unanchored[0]};
    view.reverse_ = {
        {reinterpret_cast<const Inst*>(at(ProgramPart::kReverse)), count(ProgramPart::kReverse)},
        header.anchored[1],
        header.unanchored[1]};
    view.transitions_ = {reinterpret_cast<const Transition*>(at(ProgramPart::kTransitions)),
                         count(ProgramPart::kTransitions)};
    view.byte_sets_ = {reinterpret_cast<const ByteSet*>(at(ProgramPart::kByteSets)),
                       count(ProgramPart::kByteSets)};
    view.classes_ = {reinterpret_cast<const std::uint8_t*>(at(ProgramPart::kClasses)),
                     count(ProgramPart::kClasses)};
    view.names_ = text(ProgramPart::kNames);
    view.prefixes_ = text(ProgramPart::kPrefixes);
    view.searcher_ = {at(ProgramPart::kSearcher), count(ProgramPart::kSearcher)};
    view.pattern_ = text(ProgramPart::kPattern);
    for (const Code& code : {view.forward_, view.reverse_}) {
        if (Status status =
                check_code(code, view.transitions_, view.byte_sets_.size(), header.group_count);
            !status.ok()) {
            return status.error();
        }
    }
    const auto classes =
        make_classes(view.forward_, view.reverse_, view.transitions_, view.byte_sets_).classes();
    if (!std::equal(classes.begin(), classes.end(), view.classes_.begin(), view.classes_.end()) ||
        header.class_count != classes[255] + 1u) {
        return wrong("the classes of bytes", 0);
    }
    if (!read_strings(view.names_, nullptr) || !read_strings(view.prefixes_, nullptr) ||
        count_strings(view.names_) != header.group_count + std::size_t{1}) {
        return wrong("the names of groups", 0);
    }
    return view;
}

std::vector<std::string> ProgramView::capture_names() const {
    std::vector<std::string> names;
    read_strings(names_, &names);
    return names;
}

std::vector<std::string> ProgramView::prefixes() const {
    std::vector<std::string> strings;
    read_strings(prefixes_, &strings);
    return strings;
}

Program Program::pack(ProgramParts parts) {
    ProgramHeader header = parts.header;
    header.magic = kMagic;
    header.version = kVersion;
    parts.names.resize(header.group_count + std::size_t{1});
    const auto classes = make_classes({parts.forward, 0, 0}, {parts.reverse, 0, 0},
                                      parts.transitions, parts.byte_sets)
                             .classes();
    header.class_count = classes[255] + 1u;
    const std::string names = write_strings(parts.names);
    const std::string prefixes = write_strings(parts.prefixes);
    const struct {
        const void* data;
        std::size_t count;
    } sections[] = {
        {parts.forward.data(), parts.forward.size()},
        {parts.reverse.data(), parts.reverse.size()},
        {parts.transitions.data(), parts.transitions.size()},
        {parts.byte_sets.data(), parts.byte_sets.size()},
        {classes.data(), classes.size()},
        {names.data(), names.size()},
        {prefixes.data(), prefixes.size()},
        {parts.searcher.data(), parts.searcher.size()},
        {parts.pattern.data(), parts.pattern.size()},
    };
    std::size_t size = sizeof header;
    for (std::size_t i = 0; i < std::size(sections); ++i) {
        header.sections[i] = {static_cast<std::uint32_t>(size),
                              static_cast<std::uint32_t>(sections[i].count)};
        size += (sections[i].count * kElementBytes[i] + 3) / 4 * 4;
    }
    MERLON_ASSERT(size < 0xFFFF'FFFF);
    header.size = static_cast<std::uint32_t>(size);
    Program program;
    program.words_.resize(size / 4);
    std::memcpy(program.words_.data(), &header, sizeof header);
    for (std::size_t i = 0; i < std::size(sections); ++i) {
        if (sections[i].count == 0) continue;
        std::memcpy(reinterpret_cast<char*>(program.words_.data()) + header.sections[i].offset,
                    sections[i].data, sections[i].count * kElementBytes[i]);
    }
    auto view = ProgramView::load(std::as_bytes(std::span(program.words_)));
    MERLON_ASSERT(view.ok());
    program.view_ = view.value();
    return program;
}

Result<Program> Program::unpack(std::span<const std::byte> bytes) {
    Program program;
    program.words_.resize(bytes.size() / 4);
    if (bytes.empty() || bytes.size() % 4 != 0) return wrong("the size", 0);
    std::memcpy(program.words_.data(), bytes.data(), bytes.size());
    program.view_ = MERLON_TRY(ProgramView::load(std::as_bytes(std::span(program.words_))));
    if (program.view_.bytes().size() != bytes.size()) return wrong("the size", 12);
    ProgramHeader header;
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.checksum != checksum_of<ProgramHeader>(bytes)) return wrong("the checksum", 0);
    return program;
}

BlockChecksum Program::stored_checksum(std::span<const std::byte> bytes) {
    ProgramHeader header;
    if (bytes.size() < sizeof header) return {};
    std::memcpy(&header, bytes.data(), sizeof header);
    return header.checksum;
}

Program Program::for_storing(StoredFacts facts, Codes codes) const {
    const auto copy = [](const auto& span) { return std::vector(span.begin(), span.end()); };
    ProgramParts parts;
    std::memcpy(&parts.header, view_.bytes().data(), sizeof parts.header);
    parts.header.flags &= ~(kPrefixesFold | kPrefixesAreWhole);
    parts.header.flags |= facts.prefix_flags;
    parts.header.syntax = static_cast<std::uint32_t>(facts.syntax);
    parts.header.required_byte = facts.required_byte;
    const auto leave_out = [&parts](std::vector<Inst>& code, std::size_t index) {
        code = {Inst{}};  // fails
        parts.header.anchored[index] = parts.header.unanchored[index] = 0;
    };
    parts.forward = copy(view_.forward().insts);
    parts.reverse = copy(view_.reverse().insts);
    if (codes == Codes::kReverse) leave_out(parts.forward, 0);
    if (codes == Codes::kForward) leave_out(parts.reverse, 1);
    parts.transitions = copy(view_.transitions());
    parts.byte_sets = copy(view_.byte_sets());
    parts.names = view_.capture_names();
    parts.prefixes = std::move(facts.prefixes);
    const std::span<const std::byte> searcher = view_.searcher();
    parts.searcher.assign(reinterpret_cast<const char*>(searcher.data()), searcher.size());
    parts.pattern = view_.pattern();
    Program stored = pack(std::move(parts));
    const BlockChecksum checksum =
        checksum_of<ProgramHeader>(std::as_bytes(std::span(stored.words_)));
    std::memcpy(reinterpret_cast<char*>(stored.words_.data()) + offsetof(ProgramHeader, checksum),
                checksum.data(), sizeof checksum);
    return stored;
}

}  // namespace merlon::match

#include "text/tar_reader.h"

#include <algorithm>

#include "text/archive_end.h"

namespace merlon::text {
namespace {

constexpr char kRecords = 'x';
constexpr char kGlobalRecords = 'g';
constexpr char kSunRecords = 'X';
constexpr char kLongName = 'L';
constexpr char kLongLink = 'K';
constexpr char kSparse = 'S';
constexpr char kFolder = '5';
constexpr std::string_view kFileTypes(
    "\0"
    "07S",
    4);

constexpr std::size_t kSkipBytes = std::size_t{1} << 20;
constexpr std::size_t kZeroBytes = std::size_t{64} << 10;

constexpr std::size_t padding_of(std::uint64_t bytes) {
    return static_cast<std::size_t>(-bytes % kTarBlockBytes);
}

// What a mode of Unix says besides its permissions.
bool is_folder_mode(std::uint32_t mode) { return (mode & ~07777U) == 040000U; }

}  // namespace

TarStep TarReader::tell(std::string problem) {
    problem_ = std::move(problem);
    told_at_ = header_at_;
    return std::exchange(is_strict_, false) ? TarStep::kRefusal : TarStep::kFlaw;
}

std::string TarReader::cut_problem() const {
    return packed_.error() ? packed_.error()->message : "is cut off";
}

TarStep TarReader::next() {
    if (stored_left_ > 0) return skip_content();
    if (padding_ > 0) return skip_padding();
    if (is_lost_) return skip_to_header();
    header_at_ = packed_.taken();
    const std::string_view block = packed_.peek(kTarBlockBytes).substr(0, kTarBlockBytes);
    if (block.size() < kTarBlockBytes) return read_cut_block(block);
    if (is_zeros(block)) return read_end();
    auto header = parse_tar_header(block);
    if (!header) {
        if (!is_told()) return tell("a member's header is damaged");
        is_lost_ = true;
        return TarStep::kMore;
    }
    if (is_strict_) {
        std::string problem = refusal(*header);
        if (!problem.empty()) return tell(std::move(problem));
    }
    switch (header->type) {
        case kRecords:
        case kGlobalRecords:
        case kLongName:
        case kLongLink:
            return read_special(*header);
        case kSunRecords:
            if (!is_strict_ && holds_records(*header)) return read_special(*header);
            break;
        default:
            break;
    }
    return read_member(std::move(*header));
}

TarStep TarReader::skip_content() {
    const std::string_view bytes = packed_.peek(1);
    header_at_ = packed_.taken();
    if (bytes.empty()) {
        if (is_strict_) return tell(cut_problem());
        stored_left_ = 0;
        padding_ = 0;
        return is_told() ? TarStep::kMore : tell(cut_problem());
    }
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(stored_left_, std::min<std::uint64_t>(bytes.size(), kSkipBytes)));
    packed_.take(count);
    stored_left_ -= count;
    return TarStep::kMore;
}

// Go takes a cut here for the end.
TarStep TarReader::skip_padding() {
    const std::size_t there = std::min(packed_.peek(padding_).size(), padding_);
    header_at_ = packed_.taken();
    const bool is_cut = there < padding_;
    if (is_cut && is_strict_ && !packed_.error()) {
        packed_.take(there);
        return TarStep::kEnd;
    }
    if (is_cut && !is_told()) return tell(cut_problem());
    packed_.take(there);
    padding_ = 0;
    is_over_ = is_cut;
    return TarStep::kMore;
}

TarStep TarReader::skip_to_header() {
    for (std::size_t i = 0; i < kSkipBytes / kTarBlockBytes; ++i) {
        const std::string_view block = packed_.peek(kTarBlockBytes).substr(0, kTarBlockBytes);
        is_lost_ = block.size() == kTarBlockBytes && !begins_as_tar(block);
        if (!is_lost_) {
            is_over_ = block.size() < kTarBlockBytes;
            return TarStep::kMore;
        }
        packed_.take(kTarBlockBytes);
    }
    return TarStep::kMore;
}

TarStep TarReader::read_cut_block(std::string_view block) {
    const bool is_at_end = is_over_ || (block.empty() && !packed_.error());
    // The zeros at the end need not be whole blocks, but for Go.
    const bool is_fine = is_at_end || (!is_strict_ && is_zeros(block) && !packed_.error());
    if (!is_fine && !is_told()) return tell(cut_problem());
    packed_.take(block.size());
    is_over_ = true;
    return TarStep::kEnd;
}

// Two blocks of zeros; one is enough where nothing follows, and where nobody is strict.
TarStep TarReader::read_end() {
    const std::string_view next =
        packed_.peek(2 * kTarBlockBytes).substr(kTarBlockBytes).substr(0, kTarBlockBytes);
    const bool is_marker = next.size() == kTarBlockBytes && is_zeros(next);
    if (is_strict_ && !is_marker && (!next.empty() || packed_.error())) {
        return tell("a block of zeros stands in front of something else");
    }
    packed_.take(kTarBlockBytes + (is_marker ? kTarBlockBytes : 0));
    return TarStep::kEnd;
}

std::string TarReader::refusal(const TarHeader& header) const {
    if (!header.has_sound_numbers) return "a number in a member's header is none";
    if (!is_without_content(header.type) && header.size.value < 0) {
        return "a member has a negative size";
    }
    return {};
}

bool TarReader::holds_records(const TarHeader& header) {
    if (header.size.value < 0 || header.size.value > std::int64_t{kMaxTarHeaderBytes}) return false;
    const auto size = static_cast<std::size_t>(header.size.value);
    return TarRecords().add(packed_.peek(kTarBlockBytes + size).substr(kTarBlockBytes, size));
}

TarStep TarReader::read_special(const TarHeader& header) {
    const bool has_size = header.size.is_sound && header.size.value >= 0;
    const auto size = has_size ? static_cast<std::uint64_t>(header.size.value) : 0;
    // Records of one member add up, for those who take them from more headers than one.
    const bool adds_up = !is_strict_ && (header.type == kRecords || header.type == kSunRecords);
    if (!has_size || size + (adds_up ? record_bytes_ : 0) > kMaxTarHeaderBytes) {
        if (!is_told()) {
            return tell(has_size ? "a member's extended header is larger than 1 MiB"
                                 : "a member's extended header has no size");
        }
        packed_.take(kTarBlockBytes);
        stored_left_ = size;
        padding_ = padding_of(size);
        return TarStep::kMore;
    }
    const auto body_bytes = static_cast<std::size_t>(size);
    const std::string_view held = packed_.peek(kTarBlockBytes + body_bytes);
    const std::string_view body = held.substr(kTarBlockBytes, body_bytes);
    if (body.size() < body_bytes && !is_told()) return tell(cut_problem());
    if (header.type == kLongName) {
        long_name_ = tar_text(body);
    } else if (header.type != kLongLink && !take_records(header.type, body) && !is_told()) {
        return tell("a member's extended header is damaged; what comes now may have another name");
    }
    if (adds_up) record_bytes_ += size;
    packed_.take(kTarBlockBytes + body.size());
    padding_ = body.size() < body_bytes ? 0 : padding_of(size);
    return TarStep::kMore;
}

// For Go each header is one of its own, and a global one ends what was said before it.
bool TarReader::take_records(char type, std::string_view body) {
    const bool is_global = type == kGlobalRecords;
    // In place: a copy for each of many headers would cost the square of their bytes.
    if (!is_strict_ && !is_global) return records_.add(body);
    TarRecords records;
    const bool is_sound = records.add(body);
    if (!is_strict_ || !is_sound) return is_sound;
    records_ = is_global ? TarRecords() : std::move(records);
    if (is_global) long_name_.clear();
    return true;
}

// What records say takes the place of the header's own size. Gives what is wrong with it.
std::string TarReader::take_size(TarHeader& header) const {
    if (!records_.at("size").empty()) {
        const auto size = records_.number("size");
        header.size = {size.value_or(header.size.value), size.has_value()};
    }
    if (header.size.is_sound && header.size.value >= 0) return {};
    header.size.value = std::max<std::int64_t>(header.size.value, 0);
    return "a member has a size that is none";
}

bool TarReader::has_hidden_content(const TarHeader& header) {
    if (is_strict_ || header.size.value <= 0) return false;
    const std::string_view next =
        packed_.peek(2 * kTarBlockBytes).substr(kTarBlockBytes).substr(0, kTarBlockBytes);
    return !next.empty() && !is_zeros(next) && !parse_tar_header(next);
}

std::optional<TarSparseMap> TarReader::read_sparse_map(const TarHeader& header,
                                                       std::uint64_t stored, std::string& problem) {
    std::optional<TarSparseMap> map;
    if (header.type == kSparse) {
        std::uint64_t walked_bytes = 0;
        if (header.format == TarFormat::kGnu) map = read_gnu_sparse_map(packed_, walked_bytes);
        // What comes next is looked at once more, so this has to be paid for.
        if (!map) walked_bytes_ += walked_bytes;
    } else if (!has_sparse_map(records_)) {
        return std::nullopt;
    } else if (!is_without_content(header.type)) {
        map = read_pax_sparse_map(records_, packed_, kTarBlockBytes, stored);
    }
    if (!map) problem = "the map of a sparse file makes no sense";
    return map;
}

TarKind TarReader::kind_of(const TarHeader& header, std::uint64_t stored) const {
    const bool is_folder = header.type == kFolder;
    if (is_strict_) {
        if (is_folder || is_folder_mode(header.mode)) return TarKind::kFolder;
        return is_without_content(header.type) ? TarKind::kOther : TarKind::kFile;
    }
    if (stored > 0) return TarKind::kFile;
    if (is_folder || header.name.ends_with('/')) return TarKind::kFolder;
    return kFileTypes.find(header.type) == kFileTypes.npos ? TarKind::kOther : TarKind::kFile;
}

TarStep TarReader::read_member(TarHeader header) {
    std::string problem;
    if (is_strict_ && !records_.has_sound_values()) {
        problem = "a value in a member's extended header is none";
    }
    if (!records_.at("path").empty()) header.name = records_.at("path");
    if (!long_name_.empty()) header.name = long_name_;
    // V7 has no other mark of a folder.
    if (header.type == '\0' && header.name.ends_with('/')) header.type = kFolder;
    std::string size_problem = take_size(header);
    const bool is_bare = is_without_content(header.type) && !has_hidden_content(header);
    if (!is_bare && problem.empty()) problem = std::move(size_problem);
    const auto stored = is_bare ? 0 : static_cast<std::uint64_t>(header.size.value);
    if (problem.empty() && has_sparse_map(records_) && header.type != kSparse &&
        !records_.at("GNU.sparse.name").empty()) {
        header.name = records_.at("GNU.sparse.name");
    }
    std::optional<TarSparseMap> map;
    if (problem.empty()) map = read_sparse_map(header, stored, problem);
    if (!problem.empty() && !is_told()) return tell(std::move(problem));

    const TarKind kind = kind_of(header, stored);
    member_ = {.name = std::move(header.name), .kind = kind};
    member_.is_sparse = map.has_value();
    if (!map) map = TarSparseMap{{{0, stored}}, stored, 0, 0};
    packed_.take(kTarBlockBytes + map->header_bytes + map->data_bytes);
    member_.size = map->size;
    member_.offset = packed_.taken();
    extents_ = std::move(map->extents);
    extent_ = 0;
    at_ = 0;
    stored_left_ = stored - map->data_bytes;
    padding_ = padding_of(stored);
    records_ = {};
    record_bytes_ = 0;
    long_name_.clear();
    return TarStep::kMember;
}

Result<std::string_view> TarReader::read(std::size_t most) {
    while (extent_ < extents_.size() && extents_[extent_].end() <= at_) ++extent_;
    const std::uint64_t left = member_.size - at_;
    const auto failed = [this](std::string why) {
        is_strict_ = false;
        return Error{std::move(why)};
    };
    if (left == 0) {
        if (member_.is_sparse && stored_left_ > 0) {
            return failed("holds more than the map of the sparse file says");
        }
        return std::string_view();
    }
    const bool is_behind = extent_ == extents_.size();
    const std::uint64_t data_at = is_behind ? member_.size : extents_[extent_].offset;
    if (at_ < data_at) {
        static constexpr char kZeros[kZeroBytes] = {};
        const std::uint64_t count =
            std::min({data_at - at_, std::uint64_t{most}, std::uint64_t{kZeroBytes}});
        at_ += count;
        hole_bytes_ += count;
        return std::string_view(kZeros, static_cast<std::size_t>(count));
    }
    if (stored_left_ == 0) return failed("holds less than the map of the sparse file says");
    const std::string_view held = packed_.peek(1);
    if (held.empty()) {
        stored_left_ = 0;
        padding_ = 0;
        is_over_ = true;
        return failed(cut_problem());
    }
    const std::uint64_t count = std::min({extents_[extent_].end() - at_, std::uint64_t{most},
                                          stored_left_, std::uint64_t{held.size()}});
    at_ += count;
    stored_left_ -= count;
    packed_.take(static_cast<std::size_t>(count));
    return held.substr(0, static_cast<std::size_t>(count));
}

}  // namespace merlon::text

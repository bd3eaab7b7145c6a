#include "text/archive_walk.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <utility>

#include "text/archive_end.h"
#include "text/archive_reader.h"
#include "text/named_stream.h"
#include "text/salvage.h"
#include "text/stream_layers.h"

namespace merlon::text {
namespace {

constexpr std::size_t kArHeaderBytes = 60;
constexpr int kNoErrno = -1;  // what libarchive takes where no system call failed
constexpr auto* kWrongChecksum = "has a wrong checksum";

}  // namespace

bool Walk::run() {
    struct archive_entry* entry = nullptr;
    while (true) {
        if (entries_ > 0 && feed_ != nullptr && !skip_rest()) return false;
        const int status = next_header(entry);
        if (status == ARCHIVE_EOF) {
            if (!check_streams()) return false;
            finish();
            return true;
        }
        if (status < ARCHIVE_WARN) {
            const bool encrypted = archive_read_has_encrypted_entries(reader_) > 0;
            const bool is_large = feed_ != nullptr && feed_->is_over_limit();
            fail(encrypted  ? ArchiveFailure::kEncrypted
                 : is_large ? ArchiveFailure::kLimit
                            : ArchiveFailure::kCorrupt);
            return false;
        }
        ++entries_;
        if (!has_content(entry)) continue;
        if (!take(entry)) return false;
    }
}

bool Walk::has_content(struct archive_entry* entry) {
    // An archive need not say what kind of thing a member is (RAR without attributes).
    const auto kind = archive_entry_filetype(entry);
    if (kind == AE_IFREG || kind == 0) return true;
    // A zip's member may call itself a socket and have content, which libarchive does not give.
    if (kind != AE_IFDIR && kind != AE_IFLNK && archive_entry_size(entry) > 0) {
        const char* path = archive_entry_pathname(entry);
        gap(path == nullptr ? "(unnamed)" : path, ArchiveFailure::kUnsupported,
            "is no regular file by its mode, and has content");
    }
    return false;
}

int Walk::next_header(struct archive_entry*& entry) {
    if (feed_ != nullptr) feed_->begin_header();
    const int status = archive_read_next_header(reader_, &entry);
    if (feed_ != nullptr) feed_->end_header();
    return status;
}

bool Walk::skip_rest() {
    const int status = archive_read_data_skip(reader_);
    if (status != ARCHIVE_EOF && status != ARCHIVE_FATAL) return true;
    if (status == ARCHIVE_EOF) {
        archive_set_error(reader_, kNoErrno, "Premature end-of-file.");
    }
    fail(ArchiveFailure::kCorrupt);
    return false;
}

void Walk::fail(ArchiveFailure failure) {
    const bool is_stream = layers_ != nullptr && layers_->has_failed();
    std::string why = is_stream ? layers_->problem() : reason(reader_);
    salvage();
    gap({}, failure, std::move(why));
    if (container_of(packed_) == Container::kAr) {
        // The bytes of the header that is none belong to what is not an archive.
        const std::size_t end = consumed() - std::min(consumed(), kArHeaderBytes);
        outlet_.rest(packed_.substr(entries_ == 0 ? kArMagic.size() : end));
    }
}

std::size_t Walk::consumed() const {
    const auto used =
        static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(reader_, -1), 0));
    const std::uint64_t count = layers_ != nullptr ? layers_->packed_bytes() : used;
    return static_cast<std::size_t>(std::min<std::uint64_t>(count, packed_.size()));
}

bool Walk::check_streams() {
    std::string problem;
    if (layers_ != nullptr) {
        std::string why;
        if (!feed_->drain(why)) {
            gap({}, ArchiveFailure::kLimit, std::move(why));
            return false;
        }
        problem = layers_->problem();
    } else if (is_damaged_stream_) {
        problem = "the compressed stream is damaged or cut off";
    }
    if (problem.empty() || outlet_.is_known_damaged()) return true;
    salvage();
    gap({}, ArchiveFailure::kCorrupt, std::move(problem));
    return true;
}

void Walk::finish() {
    const bool is_zip = (archive_format(reader_) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_ZIP;
    if (layers_ != nullptr) {
        if (layers_->has_failed()) return;
        if (is_zip && !zip_surroundings(feed_->tail()) && !outlet_.has_gap()) {
            gap({}, ArchiveFailure::kCorrupt, kNoDirectory);
        }
        return outlet_.rest(packed_.substr(consumed()));
    }
    if (packed_.empty()) {
        if (entries_ > 0 || outlet_.has_gap()) return;
        return gap({}, ArchiveFailure::kCorrupt, "holds nothing that can be read");
    }
    switch (is_zip ? Container::kZip : container_of(packed_)) {
        case Container::kZip: {
            const auto around = zip_surroundings(packed_);
            if (around) {
                outlet_.rest(around->before);
                outlet_.rest(around->after);
            } else if (!outlet_.has_gap()) {
                gap({}, ArchiveFailure::kCorrupt, kNoDirectory);
            }
            return;
        }
        case Container::kSevenZip:
            return outlet_.rest(packed_.substr(seven_zip_end(packed_).value_or(packed_.size())));
        case Container::kRar5: {
            const auto end = rar5_end(packed_);
            if (end) return outlet_.rest(packed_.substr(*end));
            if (outlet_.has_gap()) return;
            return gap({}, ArchiveFailure::kCorrupt, "has no end block: cut off or damaged");
        }
        case Container::kRar4:
        case Container::kAr:
            if (entries_ == 0 && packed_.size() > kArMagic.size()) {
                gap({}, ArchiveFailure::kCorrupt, "holds nothing that can be read");
                return outlet_.rest(packed_.substr(kArMagic.size()));
            }
            return outlet_.rest(packed_.substr(consumed()));
        case Container::kLz4:
            return outlet_.rest(packed_.substr(lz4_end(packed_).value_or(packed_.size())));
        case Container::kCpio:
        case Container::kOther:
            return outlet_.rest(packed_.substr(consumed()));
    }
}

bool Walk::salvage() {
    if (is_salvaged_ || packed_.empty() || !stream_around(packed_, name_)) return false;
    is_salvaged_ = true;
    has_salvaged_ = true;
    Meter meter(budget_, packed_.size());
    std::string bytes;
    std::string why;
    salvage_stream(packed_, [&](std::string_view piece) {
        if (!meter.take(piece.size(), why)) return false;
        if (bytes.size() + piece.size() > budget_.max_member_bytes) return false;
        bytes += piece;
        return true;
    });
    if (bytes.size() <= handed_bytes_) return false;
    if (stream_kind(bytes) || !is_archive(bytes.substr(0, kHeadBytes), {})) {
        ArchiveMember member;
        member.name = stem_of(name_);
        member.bytes = bytes;
        // Where there was an entry it is this one, and counted.
        if (entries_ == 0 && budget_.members_left == 0) return false;
        if (entries_ == 0) --budget_.members_left;
        member.is_part = true;
        if (entries_ <= 1) visitor_.on_member(member);
        return true;
    }
    // A tar: what was handed out already is passed over. Its gap is the stream's.
    std::uint64_t known = handed_;
    ArchiveVisitor beyond = visitor_;
    beyond.on_member = [&](const ArchiveMember& member) {
        if (known == 0) return visitor_.on_member(member);
        --known;
    };
    if (visitor_.on_large) {
        beyond.on_large = [&](const ArchiveMember& member, ArchiveInput& input) {
            if (known == 0) return visitor_.on_large(member, input);
            --known;
        };
    }
    beyond.on_gap = [](const ArchiveGap&) {};
    walk_archive(bytes, {}, budget_, beyond);
    return true;
}

bool Walk::has_right_checksum(const MemberBytes& content) const {
    const auto expected = rar5_checksums_.of(entries_ - 1);
    return !expected || *expected == content.checksum();
}

void Walk::take_large(ArchiveMember& member, MemberBytes& content, MemberInput& input) {
    member.bytes = input.head();
    visitor_.on_large(member, input);
    input.finish(budget_);
    if (input.outcome == ReadOutcome::kRead && !has_right_checksum(content)) {
        gap(std::move(member.name), ArchiveFailure::kCorrupt, kWrongChecksum);
    }
}

bool Walk::take(struct archive_entry* entry) {
    const char* path = archive_entry_pathname(entry);
    ArchiveMember member;
    member.name = path == nullptr ? "(unnamed)" : path;
    // libarchive calls what a compressed stream holds "data".
    if (archive_format(reader_) == ARCHIVE_FORMAT_RAW) member.name = stem_of(name_);
    if (budget_.members_left == 0) {
        gap(std::move(member.name), ArchiveFailure::kLimit, kTooManyMembers);
        return false;
    }
    --budget_.members_left;
    if (is_encrypted(reader_, entry) && archive_entry_is_data_encrypted(entry) != 0) {
        gap(std::move(member.name), ArchiveFailure::kEncrypted, "needs a password");
        return true;
    }
    const la_int64_t offset = archive_filter_bytes(reader_, 0);
    member.offset = static_cast<std::uint64_t>(std::max<la_int64_t>(offset, 0));
    const bool streams = static_cast<bool>(visitor_.on_large);
    std::uint64_t most = streams ? visitor_.large_bytes : budget_.max_member_bytes;
    // Of what says that it is large, only as much as tells what it is.
    if (streams && archive_entry_size_is_set(entry) != 0 &&
        archive_entry_size(entry) > static_cast<la_int64_t>(most)) {
        most = std::min<std::uint64_t>(most, MemberBytes::kPieceBytes);
    }
    std::string why;
    MemberBytes content(reader_, rar5_checksums_.is_rar5() ? Summed::kYes : Summed::kNo);
    ReadOutcome outcome = read_member(reader_, content, meter_, most, unpacked_, why);
    if (outcome == ReadOutcome::kFailed && unpacked_.empty() &&
        is_empty_lzma_in_zip(reader_, entry)) {
        outcome = ReadOutcome::kRead;
    }
    if (outcome == ReadOutcome::kRead) {
        member.bytes = unpacked_;
        member.is_part = !has_right_checksum(content);
        ++handed_;
        handed_bytes_ += unpacked_.size();
        visitor_.on_member(member);
        if (member.is_part) {
            gap(std::move(member.name), ArchiveFailure::kCorrupt, kWrongChecksum);
        }
        return true;
    }
    if (outcome == ReadOutcome::kLarge && streams) {
        ++handed_;
        MemberInput rest(reader_, content, meter_, std::move(unpacked_));
        unpacked_.clear();
        take_large(member, content, rest);
        if (rest.outcome == ReadOutcome::kRead) return true;
        outcome = rest.outcome;
        why = std::move(rest.why);
    } else if (outcome == ReadOutcome::kLarge) {
        outcome = ReadOutcome::kStop;
        why = kTooLargeMember;
    } else if (outcome == ReadOutcome::kFailed && !salvage() && !unpacked_.empty()) {
        member.bytes = unpacked_;
        member.is_part = true;
        ++handed_;
        visitor_.on_member(member);
    }
    const bool stops = outcome == ReadOutcome::kStop;
    if (layers_ != nullptr && layers_->has_failed()) {
        gap({}, ArchiveFailure::kCorrupt, layers_->problem());
        return false;
    }
    gap(std::move(member.name), stops ? ArchiveFailure::kLimit : ArchiveFailure::kCorrupt,
        std::move(why));
    return !stops && !has_salvaged_;
}

}  // namespace merlon::text

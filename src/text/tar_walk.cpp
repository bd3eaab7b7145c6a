#include "text/tar_walk.h"

#include <algorithm>
#include <utility>

#include "text/archive_end.h"

namespace merlon::text {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10;

// A member of which the first bytes are here and the rest is still in the tar.
class TarInput final : public ArchiveInput {
  public:
    TarInput(MeteredTar& tar, std::string head) : tar_(tar), head_(std::move(head)) {}

    Result<std::size_t> read(std::span<char> buffer) override {
        std::string_view bytes = std::string_view(head_).substr(at_, buffer.size());
        at_ += bytes.size();
        if (bytes.empty() && !has_failed_) {
            const auto piece = tar_.read(buffer.size());
            has_failed_ = !piece;
            bytes = piece.value_or(std::string_view());
        }
        if (has_failed_) return Error{tar_.why()};
        return bytes.copy(buffer.data(), buffer.size());
    }
    bool seek(std::uint64_t) override { return false; }
    std::uint64_t size() const override { return 0; }

    std::string_view head() const { return head_; }
    bool has_failed() const { return has_failed_; }

  private:
    MeteredTar& tar_;
    std::string head_;
    std::size_t at_ = 0;
    bool has_failed_ = false;
};

}  // namespace

bool MeteredTar::charge() {
    const std::uint64_t taken = reader_.taken_bytes();
    meter_.has_read(layers_ != nullptr ? layers_->packed_bytes() : reader_.packed().taken());
    const std::uint64_t count = taken - std::exchange(charged_, taken);
    if (meter_.take(count, why_)) return true;
    failure_ = ReadOutcome::kStop;
    return false;
}

std::optional<TarStep> MeteredTar::next() {
    const TarStep step = reader_.next();
    if (!charge()) return std::nullopt;
    return step;
}

std::optional<std::string_view> MeteredTar::read(std::size_t most) {
    Result<std::string_view> piece = reader_.read(most);
    if (!charge()) return std::nullopt;
    if (piece.ok()) return piece.value();
    failure_ = ReadOutcome::kFailed;
    why_ = std::move(piece).error().message;
    return std::nullopt;
}

ReadOutcome MeteredTar::read_content(std::uint64_t most, std::string_view& bytes) {
    content_.clear();
    const std::uint64_t size = member().size;
    const bool is_large = size > most;
    while (content_.size() < size && content_.size() <= most) {
        const auto piece = read(is_large ? kPieceBytes : static_cast<std::size_t>(size));
        if (!piece) {
            bytes = content_;
            return failure_;
        }
        if (piece->size() == size) {  // all of it in one piece: nothing to put together
            bytes = *piece;
            break;
        }
        content_ += *piece;
        bytes = content_;
    }
    if (size == 0) bytes = {};
    if (is_large) return ReadOutcome::kLarge;
    // A sparse file may hold more than its map says.
    return member().is_sparse && !read(1) ? failure_ : ReadOutcome::kRead;
}

std::optional<bool> MeteredTar::skip_zeros() {
    PackedBytes& packed = reader_.packed();
    while (!packed.is_at_end()) {
        const std::string_view bytes = packed.peek(1);
        packed.take(bytes.size() - without_leading_zeros(bytes).size());
        if (!charge()) return std::nullopt;
        if (!is_zeros(bytes)) return true;
    }
    return false;
}

bool MeteredTar::drain() {
    PackedBytes& packed = reader_.packed();
    while (!packed.is_at_end()) {
        packed.take(packed.peek(1).size());
        if (!charge()) return false;
    }
    return true;
}

bool TarWalk::run() {
    while (true) {
        std::optional<TarStep> step = tar_.next();
        if (step == TarStep::kEnd) step = look_behind();
        if (!step) return stop();
        switch (*step) {
            case TarStep::kMore:
                break;
            case TarStep::kMember:
                if (!take_member()) return false;
                break;
            case TarStep::kFlaw:
            case TarStep::kRefusal:
                if (layers_ != nullptr && layers_->has_failed()) return finish() && false;
                outlet_.gap({}, ArchiveFailure::kCorrupt, tar_.reader().problem());
                break;
            case TarStep::kEnd:
                return finish();
        }
    }
}

bool TarWalk::take_member() {
    const TarMember& found = tar_.member();
    if (found.size == 0 && found.kind != TarKind::kFile) return true;
    if (budget_.members_left == 0) {
        outlet_.gap(found.name, ArchiveFailure::kLimit, kTooManyMembers);
        return false;
    }
    --budget_.members_left;
    if (visitor_.on_large && found.size > visitor_.large_bytes) return take_large();
    ArchiveMember member{.name = found.name, .bytes = {}, .offset = found.offset};
    const ReadOutcome outcome = tar_.read_content(budget_.max_member_bytes, member.bytes);
    member.is_part = outcome != ReadOutcome::kRead;
    if (outcome == ReadOutcome::kRead || (outcome == ReadOutcome::kFailed && !member.bytes.empty()))
        visitor_.on_member(member);
    return outcome == ReadOutcome::kRead || fail(std::move(member.name), outcome);
}

bool TarWalk::take_large() {
    ArchiveMember member{.name = tar_.member().name, .bytes = {}, .offset = tar_.member().offset};
    // Only as much as tells what it is.
    const auto piece = tar_.read(kPieceBytes);
    if (!piece) return fail(std::move(member.name), tar_.failure());
    TarInput input(tar_, std::string(*piece));
    member.bytes = input.head();
    visitor_.on_large(member, input);
    return !input.has_failed() || fail(std::move(member.name), tar_.failure());
}

bool TarWalk::fail(std::string name, ReadOutcome outcome) {
    if (outcome == ReadOutcome::kFailed) {
        if (layers_ != nullptr && layers_->has_failed()) return finish() && false;
        outlet_.gap(std::move(name), ArchiveFailure::kCorrupt, tar_.why());
        return true;
    }
    const bool is_large = outcome == ReadOutcome::kLarge;
    outlet_.gap(std::move(name), ArchiveFailure::kLimit, is_large ? kTooLargeMember : tar_.why());
    return false;
}

bool TarWalk::stop() {
    outlet_.gap({}, ArchiveFailure::kLimit, tar_.why());
    return false;
}

std::optional<TarStep> TarWalk::look_behind() {
    if (visitor_.trailing == Trailing::kLeave) return TarStep::kEnd;
    const std::optional<bool> follows = tar_.skip_zeros();
    if (!follows) return std::nullopt;
    if (!*follows) return TarStep::kEnd;
    PackedBytes& packed = tar_.reader().packed();
    if (begins_as_tar(packed.peek(kTarBlockBytes))) return TarStep::kMore;
    std::string_view bytes = packed.peek(1);
    std::string collected;
    if (!packed.is_last()) {
        while (!packed.is_at_end() && collected.size() <= budget_.max_member_bytes) {
            bytes = packed.peek(1);
            collected += bytes;
            packed.take(bytes.size());
        }
        bytes = collected;
    }
    outlet_.rest(bytes);
    return TarStep::kEnd;
}

// Reads the streams around the tar to their end, which is where a checksum stands.
bool TarWalk::finish() {
    PackedBytes& packed = tar_.reader().packed();
    std::string problem;
    if (layers_ != nullptr) {
        if (!tar_.drain()) return stop();
        problem = layers_->problem();
    } else if (packed.error()) {
        problem = packed.error()->message;
    }
    if (problem.empty() || outlet_.is_known_damaged()) return true;
    outlet_.gap({}, ArchiveFailure::kCorrupt, std::move(problem));
    return true;
}

}  // namespace merlon::text

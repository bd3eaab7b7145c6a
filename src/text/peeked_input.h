#pragma once

// An input of which the first bytes can be looked at before it is read.
//
// Not thread-safe. Borrows the input; memory: what was looked at.

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "text/archive.h"

namespace merlon::text {

class PeekedInput final : public ArchiveInput {
  public:
    explicit PeekedInput(ArchiveInput& input) : input_(input) {}

    // The next bytes: `most`, or fewer where the input ends or fails first (read() says why, behind
    // them). They live until the next call.
    std::string_view peek(std::size_t most) {
        if (at_ > 0) {
            held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at_));
            at_ = 0;
        }
        while (held_.size() < most && !has_ended_ && !error_) {
            const std::size_t held = held_.size();
            held_.resize(std::min(most, held + kStepBytes));
            Result<std::size_t> count = input_.read(std::span(held_).subspan(held));
            held_.resize(held + (count.ok() ? count.value() : 0));
            if (!count.ok()) error_ = count.error();
            has_ended_ = held_.size() == held;
        }
        return std::string_view(held_.data(), held_.size()).substr(0, most);
    }

    Result<std::size_t> read(std::span<char> buffer) override {
        if (at_ < held_.size()) {
            const std::string_view rest(held_.data() + at_, held_.size() - at_);
            const std::size_t count = rest.copy(buffer.data(), buffer.size());
            at_ += count;
            return count;
        }
        if (!held_.empty()) drop();
        if (error_) return *error_;
        return input_.read(buffer);
    }
    bool seek(std::uint64_t offset) override {
        drop();
        error_.reset();
        has_ended_ = false;
        return input_.seek(offset);
    }
    std::uint64_t size() const override { return input_.size(); }

  private:
    static constexpr std::size_t kStepBytes = std::size_t{64} << 10;

    void drop() {
        std::vector<char>().swap(held_);
        at_ = 0;
    }

    ArchiveInput& input_;
    std::vector<char> held_;  // read, and not handed out from at_ on
    std::size_t at_ = 0;
    bool has_ended_ = false;
    std::optional<Error> error_;
};

}  // namespace merlon::text

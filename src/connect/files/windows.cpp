#include "connect/files/windows.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "text/utf8.h"

namespace merlon::connect {

Result<std::size_t> FileInput::read(std::span<char> buffer) {
    FileResult<std::size_t> count = reader_.read(buffer);
    if (!count.ok()) failure_ = count.failure;
    return std::move(count.result);
}

bool FileInput::seek(std::uint64_t offset) {
    reader_.seek(offset);
    return true;
}

namespace {

// Where the next window begins, from what stands before it.
void pass_over(std::string_view bytes, Window& window) {
    window.offset += bytes.size();
    window.first_line += static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    const std::size_t line_feed = bytes.rfind('\n');
    if (line_feed != std::string_view::npos) {
        bytes.remove_prefix(line_feed + 1);
        window.first_column = 1;
    }
    window.first_column += text::count_code_points(bytes);
}

}  // namespace

Result<std::uint64_t> read_windows(text::ArchiveInput& input, const NextData& next_data,
                                   const Limits& limits, const CancelToken& cancel,
                                   const std::function<void(const Window&)>& on_window) {
    constexpr std::size_t kPieceBytes = std::size_t{4} << 20;
    const auto size = static_cast<std::size_t>(limits.window_bytes);
    const auto overlap = static_cast<std::size_t>(limits.window_overlap_bytes);
    const std::unique_ptr<char[]> buffer(new char[size + kReadPadding]);
    Window window;
    std::uint64_t read = 0;
    std::size_t held = 0;
    // Zeros are code points of a line. Past a hole longer than the overlap nothing of what stands
    // before it matters.
    const auto hole_bytes = [&]() -> std::uint64_t {
        const std::uint64_t here = window.offset + held;
        const std::uint64_t data = next_data ? next_data(here) : here;
        return data > here + overlap ? data - here : 0;
    };
    const auto pass_over_hole = [&](std::uint64_t bytes) {
        window.offset += bytes;
        window.first_column += bytes;
    };
    const auto hand_out = [&](std::uint64_t owned_end) {
        std::memset(buffer.get() + held, 0, kReadPadding);
        window.bytes = {buffer.get(), held};
        window.owned_end = owned_end;
        on_window(window);
    };
    pass_over_hole(hole_bytes());
    while (!cancel.cancelled()) {
        if (next_data) input.seek(window.offset + held);
        bool at_end = false;
        while (held < size && !at_end && !cancel.cancelled()) {
            const std::size_t wanted = std::min(size - held, kPieceBytes);
            Result<std::size_t> count = input.read({buffer.get() + held, wanted});
            if (!count.ok()) {
                // What came before the damage is content all the same.
                if (held > 0) hand_out(model::kNoEnd);
                return std::move(count).error();
            }
            at_end = count.value() == 0;
            held += count.value();
            read += count.value();
        }
        if (held == 0) break;
        const std::uint64_t hole = at_end ? 0 : hole_bytes();
        const std::size_t kept = at_end || hole != 0 ? 0 : std::min(overlap, held);
        hand_out(kept != 0 ? held - kept / 2 : model::kNoEnd);
        if (at_end) break;
        pass_over({buffer.get(), held - kept}, window);
        pass_over_hole(hole);
        std::memmove(buffer.get(), buffer.get() + (held - kept), kept);
        window.owned_begin = kept - kept / 2;
        held = kept;
    }
    return read;
}

}  // namespace merlon::connect

#include "connect/files/windows.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

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

Result<std::uint64_t> read_windows(text::ArchiveInput& input, const NextData& next_data,
                                   const Limits& limits, const CancelToken& cancel,
                                   const std::function<void(const Window&)>& on_window) {
    constexpr std::size_t kPieceBytes = std::size_t{4} << 20;
    const auto window = static_cast<std::size_t>(limits.window_bytes);
    const auto overlap = static_cast<std::size_t>(limits.window_overlap_bytes);
    const std::unique_ptr<char[]> buffer(new char[window + kReadPadding]);
    std::uint64_t begin = 0;  // offset of buffer[0]
    std::uint64_t first_line = 1;
    std::uint64_t read = 0;
    std::size_t held = 0;
    while (!cancel.cancelled()) {
        if (next_data) {
            // Past a hole longer than the overlap nothing of the old window matters.
            const std::uint64_t data = next_data(begin + held);
            if (data > begin + held + overlap) {
                begin = data;
                held = 0;
            }
            input.seek(begin + held);
        }
        bool at_end = false;
        while (held < window && !at_end && !cancel.cancelled()) {
            const std::size_t wanted = std::min(window - held, kPieceBytes);
            Result<std::size_t> count = input.read({buffer.get() + held, wanted});
            if (!count.ok()) {
                // What came before the damage is content all the same.
                std::memset(buffer.get() + held, 0, kReadPadding);
                if (held > 0) on_window({{buffer.get(), held}, first_line, begin});
                return std::move(count).error();
            }
            at_end = count.value() == 0;
            held += count.value();
            read += count.value();
        }
        std::memset(buffer.get() + held, 0, kReadPadding);
        if (held == 0) break;
        on_window({{buffer.get(), held}, first_line, begin});
        if (at_end) break;
        const std::size_t kept = std::min(overlap, held);
        first_line += static_cast<std::uint64_t>(
            std::count(buffer.get(), buffer.get() + (held - kept), '\n'));
        std::memmove(buffer.get(), buffer.get() + (held - kept), kept);
        begin += held - kept;
        held = kept;
    }
    return read;
}

}  // namespace merlon::connect

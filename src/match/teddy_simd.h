// The loop of teddy.cpp over vectors; no include guard, because it is included for each path.

namespace MERLON_SIMD_NAMESPACE {

using Simd = MERLON_SIMD;
using Vector = Simd::Vector;

template <std::size_t kGroups, std::size_t kWindow>
MERLON_TARGET bool sweep_vectors(Teddy::Walk& walk) {
    Vector low[kGroups][kWindow];
    Vector high[kGroups][kWindow];
    const std::uint8_t* masks = walk.teddy.masks();
    for (std::size_t group = 0; group < kGroups; ++group) {
        for (std::size_t i = 0; i < kWindow; ++i, masks += 32) {
            low[group][i] = Simd::load_table(masks);
            high[group][i] = Simd::load_table(masks + 16);
        }
    }
    const std::string_view text = walk.sweep.text;
    const Teddy::Filter filter = walk.teddy.filter(walk.fold);
    constexpr auto kAll = static_cast<Simd::Mask>((std::uint64_t{1} << Simd::kBytes) - 1);
    // Vectors and the confirmation read kTeddyMaxWindow bytes wherever they stop: the end of the
    // text is looked at by a vector that reaches back over what was seen, where no shorter window
    // may stand there and the text is long enough, else where there is more room.
    constexpr std::size_t kRead = Simd::kBytes + kTeddyMaxWindow - 1;
    const bool reaches_back = walk.teddy.has_full_windows() && text.size() >= kRead;
    std::array<char, Simd::kBytes + 2 * kTeddyMaxWindow> end;
    while (walk.at < walk.sweep.limit && walk.at < text.size()) {
        std::size_t begin = walk.at;
        const std::size_t left = text.size() - walk.at;
        const char* data = text.data() + begin;
        Simd::Mask wanted = kAll;
        if (left >= kRead) [[likely]] {
            walk.at += Simd::kBytes;
        } else if (reaches_back) {
            const std::size_t seen = kRead - left;
            walk.at = text.size();
            if (seen >= Simd::kBytes) return true;
            begin = text.size() - kRead;
            data = text.data() + begin;
            wanted = static_cast<Simd::Mask>(kAll & (kAll << seen));
        } else {
            walk.at += Simd::kBytes;
            end.fill(0);
            std::memcpy(end.data(), data, left);
            data = end.data();
            if (left < Simd::kBytes) wanted = kAll >> (Simd::kBytes - left);
        }
        Vector found[kGroups];
        MERLON_UNROLL
        for (std::size_t i = 0; i < kWindow; ++i) {
            const Vector bytes = Simd::load(data + i);
            const Vector low_index = Simd::low_nibbles(bytes);
            const Vector high_index = Simd::high_nibbles(bytes);
            MERLON_UNROLL
            for (std::size_t group = 0; group < kGroups; ++group) {
                const Vector here = Simd::bit_and(Simd::lookup(low[group][i], low_index),
                                                  Simd::lookup(high[group][i], high_index));
                found[group] = i == 0 ? here : Simd::bit_and(found[group], here);
            }
        }
        Vector any = found[0];
        MERLON_UNROLL
        for (std::size_t group = 1; group < kGroups; ++group) any = Simd::bit_or(any, found[group]);
        auto places = static_cast<Simd::Mask>(~Simd::zero_bytes(any)) & wanted;
        while (places != 0) {
            const auto place = static_cast<std::size_t>(std::countr_zero(places));
            places &= places - 1;
            std::uint32_t bytes;
            std::memcpy(&bytes, data + place, sizeof bytes);
            if (filter.may_begin(bytes)) [[unlikely]] {
                if (!walk.confirm(begin + place, bytes)) {
                    walk.at = begin;
                    return false;
                }
            }
        }
        if (walk.is_slow()) return true;
    }
    return true;
}

template <std::size_t kGroups>
MERLON_TARGET bool sweep_window(Teddy::Walk& walk) {
    switch (walk.teddy.window()) {
        case 1:
            return sweep_vectors<kGroups, 1>(walk);
        case 2:
            return sweep_vectors<kGroups, 2>(walk);
        case 3:
            return sweep_vectors<kGroups, 3>(walk);
        default:
            return sweep_vectors<kGroups, 4>(walk);
    }
}

bool sweep_all(Teddy::Walk& walk) {
    switch (walk.teddy.groups()) {
        case 1:
            return sweep_window<1>(walk);
        case 2:
            return sweep_window<2>(walk);
        default:
            return sweep_window<4>(walk);
    }
}

}  // namespace MERLON_SIMD_NAMESPACE

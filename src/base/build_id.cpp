#include "base/build_id.h"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/hex.h"

namespace merlon {
namespace {

constexpr std::string_view kOwner{"GNU\0", 4};

// A note's parts are padded to words (gABI, "Note Section"); those that linkers pad to eight bytes
// are as long anyhow.
std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

std::string id_in_notes(std::string_view notes) {
    while (notes.size() >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) header;
        std::memcpy(&header, notes.data(), sizeof header);
        notes.remove_prefix(sizeof header);
        const std::size_t name_bytes = padded(header.n_namesz);
        const std::size_t value_bytes = padded(header.n_descsz);
        if (name_bytes > notes.size() || header.n_descsz > notes.size() - name_bytes) return {};
        if (header.n_type == NT_GNU_BUILD_ID && notes.substr(0, header.n_namesz) == kOwner) {
            return to_hex(notes.substr(name_bytes, header.n_descsz));
        }
        notes.remove_prefix(std::min(name_bytes + value_bytes, notes.size()));
    }
    return {};
}

// Called for the program first, and stops there.
int look_at(dl_phdr_info* object, std::size_t, void* found) {
    auto& id = *static_cast<std::string*>(found);
    for (ElfW(Half) i = 0; i < object->dlpi_phnum && id.empty(); ++i) {
        const ElfW(Phdr)& part = object->dlpi_phdr[i];
        if (part.p_type != PT_NOTE) continue;
        const auto* bytes = reinterpret_cast<const char*>(object->dlpi_addr + part.p_vaddr);
        id = id_in_notes({bytes, part.p_filesz});
    }
    return 1;
}

}  // namespace

std::string build_id() {
    std::string id;
    dl_iterate_phdr(look_at, &id);
    return id;
}

}  // namespace merlon

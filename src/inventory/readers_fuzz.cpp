// The first byte chooses the reader, the rest is the file: facts within the limits, or an error
// that says something; and what was read can be joined with itself as a tree.

#include <cstdlib>

#include "inventory/inventory.h"
#include "inventory/known_programs.h"

namespace {

using namespace merlon;

void check(const inventory::Facts& facts) {
    const std::size_t count = facts.source.packages.size();
    for (const packages::Package& package : facts.source.packages)
        for (const std::uint32_t to : package.requires_)
            if (to >= count) std::abort();
    for (const inventory::Answer& answer : facts.answers)
        if (answer.package >= count) std::abort();
}

// A name that the reader takes; programs, which have many, are chosen by the last byte.
std::string file_name(const inventory::Reader& reader, std::uint8_t choice) {
    const auto programs = inventory::known_programs();
    std::string_view name =
        reader.name == "executable" ? programs[choice % programs.size()].files : reader.paths;
    name = name.substr(0, name.find(' '));
    std::string whole(name.substr(name.rfind('/') + 1));
    std::erase_if(whole, [](char c) { return c == '*' || c == '#'; });
    return whole;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto all = inventory::readers();
    const inventory::Reader& reader = all[data[0] % all.size()];
    model::Document document;
    document.bytes = {reinterpret_cast<const char*>(data) + 1, size - 1};
    document.origin = {{.kind = model::OriginStep::Kind::kFile,
                        .name = file_name(reader, data[size - 1]),
                        .symlink = {}}};
    Limits limits;
    limits.max_archive_bytes = 1 << 20;
    limits.max_archive_member_bytes = 1 << 18;
    limits.max_archive_members = 100;
    inventory::Scratch scratch;
    std::vector<inventory::FileFacts> files;
    for (const char* folder : {"", "a/", "a/b/"}) {
        auto facts = inventory::examine(document, reader, limits, scratch);
        if (!facts.ok()) {
            if (facts.error().message.empty()) std::abort();
            return 0;
        }
        check(facts.value());
        files.push_back({folder + document.origin[0].name, {}, &reader, std::move(facts).value()});
    }
    for (const packages::PackageSource& source : inventory::conclude(std::move(files)).sources)
        for (const packages::Package& package : source.packages)
            for (const std::uint32_t to : package.requires_)
                if (to >= source.packages.size()) std::abort();
    return 0;
}

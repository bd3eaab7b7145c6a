// What compilers and distributions leave in executables: Go's build information (go_build.h),
// the list of cargo-auditable, and the package note of systemd (ELF_PACKAGE_METADATA).

#include <map>

#include "inventory/binary_image.h"
#include "inventory/go_build.h"
#include "inventory/known_programs.h"
#include "inventory/readers.h"
#include "text/stream_decoder.h"

namespace merlon::inventory {
namespace {

using packages::Ecosystem;
using packages::Package;
using packages::Relation;
using packages::Scope;
using value::Value;

constexpr std::size_t kMaxNotedBytes = std::size_t{8} << 20;

// runtime/debug, ParseBuildInfo: lines of tabbed words between two marks of 16 bytes.
void add_go_modules(Reading& reading, const GoBuild& build) {
    std::string_view version = build.version.substr(0, build.version.find(' '));
    if (version.starts_with("go")) {
        Package& package = reading.add("stdlib", version.substr(2), kNoOffset);
        package.scope = Scope::kRuntime;
    }
    for (const std::string_view line : split(build.modules, '\n')) {
        const auto words = split(line, '\t');
        if (words.size() < 2) continue;
        if (words[0] == "=>" && reading.count() > 0) {  // what is built in place of the last one
            Package& replaced = reading.at(reading.count() - 1);
            replaced.requested = replaced.name + "@" + replaced.version;
            replaced.name = words[1];
            replaced.version = words.size() > 2 ? words[2] : std::string_view();
            replaced.checksums.clear();
        } else if (words[0] == "mod" || words[0] == "dep") {
            const std::string_view stated = words.size() > 2 ? words[2] : std::string_view();
            Package& package = reading.add(words[1], stated == "(devel)" ? "" : stated, kNoOffset);
            package.scope = Scope::kRuntime;
            if (words[0] == "mod") package.relation = Relation::kRoot;
        } else {
            continue;
        }
        const std::string_view sum = words.back();
        if (words.size() > 3 && sum.starts_with("h1:"))
            reading.at(reading.count() - 1).checksums.push_back({"h1", std::string(sum.substr(3))});
    }
}

Result<std::string> unpack(std::string_view packed) {
    const auto stream = text::open_stream(text::StreamKind::kZlib, text::PackedBytes(packed));
    std::string all, piece;
    while (true) {
        const text::StreamState state = stream->next(piece);
        all += piece;
        if (all.size() > kMaxNotedBytes)
            return Error{"cargo-auditable: the list is longer than 8 MiB"};
        if (text::goes_on(state)) continue;
        if (state == text::StreamState::kCut || state == text::StreamState::kDamaged)
            return Error{"cargo-auditable: the list does not unpack"};
        return all;
    }
}

// rust-secure-code/cargo-auditable, "cargo-auditable.schema.json".
Status add_audited_crates(Reading& reading, std::string_view packed) {
    const std::string list = MERLON_TRY(unpack(packed));
    const Value* root = MERLON_TRY(reading.json_of(list));
    const Value* crates = array_in(root, "packages");
    const std::uint32_t first = reading.count();
    each_item(crates, [&](const Value& crate) {
        Package& package =
            reading.add(string_in(&crate, "name"), string_in(&crate, "version"), kNoOffset);
        package.ecosystem = Ecosystem::kCargo;
        package.scope = string_in(&crate, "kind") == "build" ? Scope::kBuild : Scope::kRuntime;
        if (is_true_in(&crate, "root")) package.relation = Relation::kRoot;
        package.local = string_in(&crate, "source") == "local";
    });
    std::uint32_t from = first;
    each_item(crates, [&](const Value& crate) {
        each_item(array_in(&crate, "dependencies"), [&](const Value& index) {
            const auto number = index.is_number() ? index.as_integer() : std::nullopt;
            if (number && *number >= 0 && *number < reading.count() - first)
                reading.require(from, first + static_cast<std::uint32_t>(*number));
        });
        ++from;
    });
    return {};
}

// systemd.io/ELF_PACKAGE_METADATA: an ELF note "FDO" of type 0xcafe1a7e that holds JSON.
void add_package_note(Reading& reading, std::string_view note, bool is_big_endian) {
    const std::uint64_t name_bytes = integer_at(note, 0, 4, is_big_endian);
    const std::uint64_t size = integer_at(note, 4, 4, is_big_endian);
    constexpr std::uint64_t kPackageNote = 0xCAFE1A7E;
    if (integer_at(note, 8, 4, is_big_endian) != kPackageNote || name_bytes > 64) return;
    const std::uint64_t begin = 12 + (name_bytes + 3) / 4 * 4;
    if (begin >= note.size()) return;
    std::string_view text = note.substr(begin, size);
    text = text.substr(0, text.find('\0'));
    const auto root = reading.json_of(text);
    if (!root.ok()) {
        reading.unknown(kNoOffset, "a package note that is no JSON");
        return;
    }
    const std::string_view type = string_in(root.value(), "type");
    const std::string_view name = string_in(root.value(), "name");
    if (name.empty()) return;
    Package& package = reading.add(name, string_in(root.value(), "version"), kNoOffset);
    package.ecosystem = packages::ecosystem_of_purl_type(type).value_or(Ecosystem::kGeneric);
    package.architecture = string_in(root.value(), "architecture");
    package.distribution.id = string_in(root.value(), "os");
    package.distribution.version = string_in(root.value(), "osVersion");
}

}  // namespace

Status read_executable(Reading& reading) {
    add_known_programs(reading);
    // A few bytes or a name chose this reader: what is too short to hold a program, is no program
    // or begins like one of DOS, is nothing that more packages stand in.
    if (reading.bytes.size() < 64 || !is_binary_image(reading.bytes)) return {};
    const std::uint64_t signature = integer_at(reading.bytes, 0x3C, 4, false);
    if (reading.bytes.starts_with("MZ") &&
        (signature >= reading.bytes.size() || !reading.bytes.substr(signature).starts_with("PE")))
        return {};
    const BinaryImage image = MERLON_TRY(read_binary_image(reading.bytes));
    if (const auto build = find_go_build(reading.bytes, image)) add_go_modules(reading, *build);
    if (const std::string_view crates = image.section(".dep-v0"); !crates.empty()) {
        const Status status = add_audited_crates(reading, crates);
        if (!status.ok()) reading.unknown(kNoOffset, status.error().message);
    }
    if (const std::string_view note = image.section(".note.package"); !note.empty())
        add_package_note(reading, note, image.is_big_endian);
    return {};
}

const Reader* reader_for_bytes(std::string_view first_bytes) {
    static const Reader* const reader = reader_named("executable");
    return is_binary_image(first_bytes) ? reader : nullptr;
}

}  // namespace merlon::inventory

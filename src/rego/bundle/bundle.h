#pragma once

// OPA's bundles: policies and data with a manifest that says which part of the data is theirs, and
// a signature over all files.
//
// The idea: a bundle is a list of named files, from an archive or a folder, so that there is one
// reader for both. What is not signed as its key wants it, stands outside of its roots or climbs
// out of the bundle is refused as a whole: of a bundle nothing is taken before all of it is right.
//
// Standard: openpolicyagent.org/docs/management-bundles ("Bundle File Format", "Signing"), with the
// errors of OPA 1.22.2; RFC 7515 for signatures. Thread-safe: no shared state. Ownership: what is
// read lives in the arena. Cost: linear in the bytes, which are bounded.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/interner.h"
#include "base/limits.h"
#include "base/result.h"
#include "rego/syntax/parser.h"
#include "value/value.h"

namespace merlon::rego::bundle {

struct File {
    std::string path;  // in the bundle: "a/data.json"
    std::string bytes;
    // As an archive spells it, "./a/data.json" or "/a/data.json": what errors and signatures call
    // it, and what patterns of file_rego_versions have to match. Empty: it is a folder's.
    std::string spelled = {};
};

// The files of a .tar.gz, also those that say nothing to a bundle: a signature is over all. Fails
// on what is none, on a path that leaves the bundle, and on a limit.
Result<std::vector<File>> read_archive(std::string_view bytes, const Limits& limits = {});

struct Verification {
    std::string key;  // PEM, or the secret of an HMAC
    std::string key_id = "default";
    std::string algorithm = "RS256";
    std::string scope = {};
    std::vector<std::string> excluded = {};  // globs of paths
};

struct Signing {
    std::string key;  // PEM of a private key, or the secret of an HMAC
    std::string algorithm = "RS256";
    std::optional<value::Value> claims = {};  // an object: what the token says beside the files
};

// Whether data files are read, or passed over unread: `opa inspect` only lists them.
enum class DataFiles : std::uint8_t { kRead, kPassedOver };

// A mistake in a module, and what the module is called.
struct ModuleError {
    std::string file;
    syntax::SyntaxError error;
};

struct Options {
    // Before the paths of modules and, in a signature, of all files: the folder that was read;
    // empty for an archive.
    std::string folder = {};
    syntax::RegoVersion version = syntax::RegoVersion::kV1;
    // Where it is given, takes one by one what the bundle's error says of a module in one text.
    std::vector<ModuleError>* module_errors = nullptr;
    // With it a bundle must have a signature that holds; without it none is looked at.
    const Verification* verification = nullptr;
    DataFiles data_files = DataFiles::kRead;
    syntax::ReadAnnotations annotations = syntax::ReadAnnotations::kYes;
};

struct Module {
    std::string file;
    const syntax::Module* module = nullptr;
};
struct Plan {
    std::string file;
    value::Value plan;
};

struct Bundle {
    std::string revision;
    std::vector<std::string> roots;  // "" is everything
    std::vector<Module> modules;
    std::vector<Plan> plans;
    value::Value data;
    bool is_signed = false;
};

Result<Bundle> read_bundle(std::span<const File> files, const Options& options, Arena& arena,
                           Interner& interner);

// Each file's name and digest, as a signature has them; without those of a signature that is there.
struct NamedDigest {
    std::string name;
    std::string hash;  // hexadecimal, of SHA-256
};
Result<std::vector<NamedDigest>> digests_of(std::span<const File> files, const Options& options,
                                            Arena& arena, Interner& interner);
// The content of .signatures.json: one token over the files, with the claims beside them.
Result<std::string> sign_digests(std::span<const NamedDigest> digests, const Signing& signing);

// The roots that are also others', or have one inside or around: two bundles shall not both say
// what a part of the data is.
struct SharedRoot {
    std::string root;
    std::string other;
};
std::vector<SharedRoot> shared_roots(std::span<const std::string> roots,
                                     std::span<const std::string> others);
// Why these cannot be the roots of one bundle; empty: they can.
std::string overlap_of(std::span<const std::string> roots);

}  // namespace merlon::rego::bundle

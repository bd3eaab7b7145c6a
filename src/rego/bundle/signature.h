#pragma once

// The signature of a bundle (.signatures.json): one token whose payload lists the digest of each
// file. Data is digested by its content, so that white space and the order of keys do not matter.
//
// Standard: RFC 7515; openpolicyagent.org/docs/management-bundles, "Signing". Thread-safe: no
// state. Cost: one signature, and a digest of each file.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "rego/bundle/bundle.h"
#include "value/value.h"

namespace merlon::rego::bundle {

struct SignedFile {
    std::string hash;  // hexadecimal
    std::string algorithm;
};
using SignedFiles = std::map<std::string, SignedFile, std::less<>>;

// The files of the one token in `signatures` (the content of .signatures.json).
Result<SignedFiles> verify_signatures(const value::Value& signatures,
                                      const Verification& verification, value::Builder& builder);

// Whether the file has the digest that was signed. `content` is there for data and manifests.
Status verify_file(const std::string& path, std::string_view bytes, const value::Value* content,
                   const SignedFiles& files);

// The digest of a file; `content` as above.
std::string digest_of(std::string_view bytes, const value::Value* content);

// Who signs, as OPA's `build` says it and its `sign` does not: the key's name in header and claims,
// where no claims are given, and the plugin in the file.
struct Signer {
    std::string_view key_id;
    std::string_view plugin;
};
inline constexpr Signer kDefaultSigner{.key_id = "default", .plugin = "_default"};
Result<std::string> sign_digests(std::span<const NamedDigest> digests, const Signing& signing,
                                 const Signer& signer);

}  // namespace merlon::rego::bundle

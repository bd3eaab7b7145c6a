#pragma once

// Facts and Results across runs, in the file cache.
//
// The idea: what depends on bytes and program alone is looked up by their digests. Facts are an
// engine's own bytes under the facts' key; a Report stands in its serialised form under the keys of
// its facts and its inputs. A Report whose making touched a Host is never kept: the world may
// answer otherwise next time. A damaged or foreign entry is a miss.
//
// What is stored is stored in the clear: an engine whose facts hold secrets keeps only that there
// were none.
//
// Thread-safe as the FileCache is. Cost: one digest of the key, and an open and a read.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/file_cache.h"
#include "model/analysis.h"
#include "model/engine.h"

namespace merlon::model {

// Everything that facts depend on (DESIGN, "Settled once").
struct FactsKey {
    std::string document_digest;  // "sha256:…"
    DocumentKind kind = 0;
    std::string program_digest;
    std::string dialect;
    std::string limits;  // as the engine writes them: "max_depth=5"
};

class ResultCache {
  public:
    explicit ResultCache(FileCache& files) : files_(files) {}

    std::optional<std::string> find_facts(const FactsKey& key) const;
    void keep_facts(const FactsKey& key, std::string_view facts);

    // `inputs`: what conclude() was given beside the facts, as bytes.
    std::optional<Report> find_report(std::span<const FactsKey> facts,
                                      std::string_view inputs) const;
    void keep_report(std::span<const FactsKey> facts, std::string_view inputs, const Report& report,
                     const Host& host);

  private:
    FileCache& files_;
};

}  // namespace merlon::model

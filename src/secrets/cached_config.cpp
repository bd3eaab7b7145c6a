#include "secrets/cached_config.h"

#include <optional>
#include <string>
#include <utility>

#include "crypto/digest.h"
#include "secrets/rule_patterns.h"
#include "secrets/stored_config.h"

namespace merlon::secrets {

LoadedConfig load_config(const ConfigCache& cache, std::span<const ConfigText> texts,
                         const ConfigSources& sources, BadRules bad_rules,
                         model::Diagnostics& diagnostics) {
    if (cache.files == nullptr) return load_config(texts, sources, bad_rules, diagnostics);
    std::string key = "secrets-config\n" + cache.program_build + '\n';
    key += bad_rules == BadRules::kRefuse ? "refuse\n" : "report\n";
    for (const ConfigText& text : texts) key += crypto::sha256(text.toml).bytes();
    if (std::shared_ptr<const BlockSource> stored = cache.files->open(key)) {
        std::optional<Config> config = restore_config(StoredBlock::whole(std::move(stored)));
        if (config.has_value()) return {*std::move(config)};
    }
    bool reads_more = false;
    ConfigSources watched;
    watched.read_file = [&](const std::string& path) {
        reads_more = true;
        return sources.read_file(path);
    };
    watched.read_default = [&] {
        reads_more = true;
        return sources.read_default();
    };
    const std::size_t said = diagnostics.items().size();
    LoadedConfig loaded = load_config(texts, watched, bad_rules, diagnostics);
    if (loaded.config.ok() && !reads_more && diagnostics.items().size() == said) {
        compile_patterns(loaded.config.value());
        cache.files->put(key, store_config(loaded.config.value()));
    }
    return loaded;
}

}  // namespace merlon::secrets

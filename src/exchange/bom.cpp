#include "exchange/bom.h"

#include <array>

namespace merlon::exchange {

std::string_view name(BomType type) {
    static constexpr std::array<std::string_view, 13> kNames{"application",
                                                             "framework",
                                                             "library",
                                                             "container",
                                                             "platform",
                                                             "operating-system",
                                                             "device",
                                                             "device-driver",
                                                             "firmware",
                                                             "file",
                                                             "machine-learning-model",
                                                             "data",
                                                             "cryptographic-asset"};
    return kNames[static_cast<std::size_t>(type)];
}

std::string_view name(BomAggregate aggregate) {
    switch (aggregate) {
        case BomAggregate::kComplete:
            return "complete";
        case BomAggregate::kIncomplete:
            return "incomplete";
        case BomAggregate::kUnknown:
            break;
    }
    return "unknown";
}

std::string_view name(BomScope scope) {
    switch (scope) {
        case BomScope::kRequired:
            return "required";
        case BomScope::kOptional:
            return "optional";
        case BomScope::kExcluded:
            return "excluded";
        case BomScope::kUnstated:
            break;
    }
    return "";
}

}  // namespace merlon::exchange

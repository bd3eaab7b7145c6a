#include "exchange/sarif_outline.h"

namespace merlon::exchange {
namespace {

class Outliner {
  public:
    Outliner(std::string_view bytes, const CancelToken* cancel) : bytes_(bytes), cancel_(cancel) {}

    std::optional<SarifOutline> outline() && {
        constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
        if (bytes_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
        skip_space();
        const bool is_read = each_member([&](std::string_view key) {
            if (key != "\"runs\"" || !is_at('[')) return skip_value();
            return each_element([&] {
                made_.results.emplace_back();
                return is_at('{') ? read_run() : skip_value();
            });
        });
        if (!is_read) return std::nullopt;
        made_.text += bytes_.substr(copied_);
        return std::move(made_);
    }

  private:
    bool read_run() {
        return each_member([&](std::string_view key) {
            if (key != "\"results\"" || !is_at('[')) return skip_value();
            made_.text += bytes_.substr(copied_, at_ + 1 - copied_);
            std::vector<std::string_view>& results = made_.results.back();
            const bool is_read = each_element([&] {
                const std::size_t begin = at_;
                if (!is_at('{') || !skip_value()) return false;
                results.push_back(bytes_.substr(begin, at_ - begin));
                return true;
            });
            copied_ = at_ - 1;  // from its ']' on
            return is_read;
        });
    }

    bool is_at(char c) const { return at_ < bytes_.size() && bytes_[at_] == c; }

    void skip_space() {
        while (is_at(' ') || is_at('\t') || is_at('\r') || is_at('\n')) ++at_;
    }

    bool skip_string() {
        if (!is_at('"')) return false;
        for (++at_; at_ < bytes_.size(); ++at_) {
            if (bytes_[at_] == '\\')
                ++at_;
            else if (bytes_[at_] == '"')
                return ++at_, true;
        }
        return false;
    }

    // Brackets that do not fit are found by whoever reads it.
    bool skip_value() {
        if (cancel_ != nullptr && cancel_->cancelled()) return false;
        std::size_t open = 0;
        while (at_ < bytes_.size()) {
            switch (bytes_[at_]) {
                case '"':
                    if (!skip_string()) return false;
                    break;
                case '{':
                case '[':
                    ++open;
                    ++at_;
                    break;
                case '}':
                case ']':
                    if (open == 0) return true;  // the end of a number in front of it
                    --open;
                    ++at_;
                    break;
                case ',':
                    if (open == 0) return true;
                    ++at_;
                    break;
                default:
                    ++at_;
                    continue;
            }
            if (open == 0) return true;
        }
        return false;
    }

    // From '{' to behind '}'. `use` goes over the value of the key, which is as it is written.
    template <typename Use>
    bool each_member(const Use& use) {
        return each_part('{', '}', [&] {
            const std::size_t begin = at_;
            if (!skip_string()) return false;
            const std::string_view key = bytes_.substr(begin, at_ - begin);
            skip_space();
            if (!is_at(':')) return false;
            ++at_;
            skip_space();
            return use(key);
        });
    }

    template <typename Use>
    bool each_element(const Use& use) {
        return each_part('[', ']', use);
    }

    template <typename Use>
    bool each_part(char first, char last, const Use& use) {
        if (!is_at(first)) return false;
        ++at_;
        skip_space();
        if (is_at(last)) return ++at_, true;
        while (true) {
            if (!use()) return false;
            skip_space();
            if (is_at(last)) return ++at_, true;
            if (!is_at(',')) return false;
            ++at_;
            skip_space();
        }
    }

    std::string_view bytes_;
    const CancelToken* cancel_;
    std::size_t at_ = 0;
    std::size_t copied_ = 0;  // up to here
    SarifOutline made_;
};

}  // namespace

std::optional<SarifOutline> outline_sarif(std::string_view bytes, const CancelToken* cancel) {
    return Outliner(bytes, cancel).outline();
}

}  // namespace merlon::exchange

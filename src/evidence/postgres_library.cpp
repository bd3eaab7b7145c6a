#include "evidence/postgres_library.h"

#include <dlfcn.h>
#include <fmt/core.h>

namespace merlon::evidence {
namespace {

struct Loaded {
    PostgresLibrary library;
    std::string problem;
};

class Loader {
  public:
    Loader() : handle_(::dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL)) {}

    Loaded load() {
        Loaded made;
        if (handle_ == nullptr) {
            made.problem =
                "a store on PostgreSQL needs its client library libpq.so.5 (Debian: apt-get "
                "install libpq5)";
            return made;
        }
        PostgresLibrary& to = made.library;
        take("PQconnectdb", to.connect);
        take("PQfinish", to.finish);
        take("PQstatus", to.status);
        take("PQerrorMessage", to.error_message);
        take("PQexec", to.exec);
        take("PQprepare", to.prepare);
        take("PQsocket", to.socket);
        take("PQisBusy", to.is_busy);
        take("PQconsumeInput", to.consume_input);
        take("PQgetCancel", to.get_cancel);
        take("PQcancel", to.cancel);
        take("PQfreeCancel", to.free_cancel);
        take("PQsendQueryPrepared", to.send_prepared);
        take("PQsetSingleRowMode", to.set_single_row_mode);
        take("PQgetResult", to.get_result);
        take("PQresultStatus", to.result_status);
        take("PQresultErrorMessage", to.result_error_message);
        take("PQresultErrorField", to.result_error_field);
        take("PQclear", to.clear);
        take("PQntuples", to.row_count);
        take("PQnfields", to.column_count);
        take("PQftype", to.column_type);
        take("PQgetisnull", to.is_null);
        take("PQgetvalue", to.value);
        take("PQgetlength", to.length);
        take("PQcmdTuples", to.changed_rows);
        take("PQputCopyData", to.put_copy_data);
        take("PQputCopyEnd", to.put_copy_end);
        take("PQsetNoticeProcessor", to.set_notice_processor);
        if (!missing_.empty()) made.problem = "libpq.so.5 has no function " + missing_;
        return made;
    }

  private:
    template <typename Function>
    void take(const char* name, Function& function) {
        function = reinterpret_cast<Function>(::dlsym(handle_, name));
        if (function == nullptr) missing_ = name;
    }

    void* handle_;  // for as long as the program runs
    std::string missing_;
};

}  // namespace

Result<const PostgresLibrary*> postgres_library() {
    static const Loaded loaded = Loader().load();
    if (!loaded.problem.empty()) return Error{loaded.problem};
    return &loaded.library;
}

}  // namespace merlon::evidence

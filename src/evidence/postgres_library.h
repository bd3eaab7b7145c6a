#pragma once

// PostgreSQL's client library, loaded when a store is on a server.
//
// The idea: most stores are files, and the program starts at once only if it is not linked with
// what few need (libpq brings Kerberos and LDAP along). So the library of the system is opened by
// name.
//
// Thread-safe. The table lives as long as the program.

#include <libpq-fe.h>

#include "base/result.h"

namespace merlon::evidence {

struct PostgresLibrary {
    decltype(&PQconnectdb) connect = nullptr;
    decltype(&PQfinish) finish = nullptr;
    decltype(&PQstatus) status = nullptr;
    decltype(&PQerrorMessage) error_message = nullptr;
    decltype(&PQexec) exec = nullptr;
    decltype(&PQprepare) prepare = nullptr;
    decltype(&PQsendQueryPrepared) send_prepared = nullptr;
    decltype(&PQsetSingleRowMode) set_single_row_mode = nullptr;
    decltype(&PQgetResult) get_result = nullptr;
    decltype(&PQresultStatus) result_status = nullptr;
    decltype(&PQresultErrorMessage) result_error_message = nullptr;
    decltype(&PQresultErrorField) result_error_field = nullptr;
    decltype(&PQclear) clear = nullptr;
    decltype(&PQntuples) row_count = nullptr;
    decltype(&PQnfields) column_count = nullptr;
    decltype(&PQftype) column_type = nullptr;
    decltype(&PQgetisnull) is_null = nullptr;
    decltype(&PQgetvalue) value = nullptr;
    decltype(&PQgetlength) length = nullptr;
    decltype(&PQcmdTuples) changed_rows = nullptr;
    decltype(&PQputCopyData) put_copy_data = nullptr;
    decltype(&PQputCopyEnd) put_copy_end = nullptr;
    decltype(&PQsocket) socket = nullptr;
    decltype(&PQisBusy) is_busy = nullptr;
    decltype(&PQconsumeInput) consume_input = nullptr;
    decltype(&PQgetCancel) get_cancel = nullptr;
    decltype(&PQcancel) cancel = nullptr;
    decltype(&PQfreeCancel) free_cancel = nullptr;
    decltype(&PQsetNoticeProcessor) set_notice_processor = nullptr;
};

// Fails, naming the package, where the system has none.
Result<const PostgresLibrary*> postgres_library();

}  // namespace merlon::evidence

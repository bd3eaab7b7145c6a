#pragma once

// Which facts of an audit report (gate/audit_report.h) show that a control is at work. Nothing here
// says that it is enough.
//
// Standards: NIST SP 800-218 (SSDF 1.1), ISO/IEC 27001:2022 annex A, SOC 2's trust services
// criteria of 2017. Thread-safe: constant data.

#include <array>
#include <string_view>

namespace merlon::gate {

struct AuditControl {
    std::string_view framework, id, title, facts;
};
inline constexpr std::array kAuditControls{
    AuditControl{"NIST SSDF 1.1", "PO.4.1", "Criteria for software security checks are used",
                 "verdicts"},
    AuditControl{"NIST SSDF 1.1", "PS.3.1", "Each release is kept with what it was judged by",
                 "verdicts"},
    AuditControl{"NIST SSDF 1.1", "PW.7.2", "Code is analysed and the results are recorded",
                 "analyses"},
    AuditControl{"NIST SSDF 1.1", "RV.2.2", "Risk responses are decided and recorded", "decisions"},
    AuditControl{"ISO/IEC 27001:2022", "A.5.3", "Segregation of duties: others approve",
                 "approvalsByOthers"},
    AuditControl{"ISO/IEC 27001:2022", "A.8.8", "Technical vulnerabilities are managed",
                 "analyses"},
    AuditControl{"ISO/IEC 27001:2022", "A.8.15", "Events are logged, and the log is protected",
                 "events"},
    AuditControl{"ISO/IEC 27001:2022", "A.8.32", "Changes are controlled", "verdicts"},
    AuditControl{"SOC 2 (TSC 2017)", "CC7.1", "New vulnerabilities are detected", "analyses"},
    AuditControl{"SOC 2 (TSC 2017)", "CC8.1", "Changes are authorized and approved", "approvals"},
};

}  // namespace merlon::gate

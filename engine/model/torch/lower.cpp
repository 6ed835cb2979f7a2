// SPDX-License-Identifier: ISC
#include "lower.hpp"

namespace timbrel {
namespace {

const LoweringTable& all() {
    static const LoweringTable table = [] {
        LoweringTable rows;
        for (const LoweringTable* part :
             {&linear_lowerings(), &maps_lowerings(), &moves_lowerings(), &pairs_lowerings(),
              &sums_lowerings()}) {
            rows.insert(part->begin(), part->end());
        }
        return rows;
    }();
    return table;
}

} // namespace

bool can_lower(const std::string& name) {
    return all().count(name) > 0;
}

bool lower(Trace& trace, const OperatorCall& call) {
    const auto found = all().find(call.name);
    return found != all().end() && found->second(trace, call);
}

} // namespace timbrel

// SPDX-License-Identifier: ISC
#include "noise.hpp"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/interned_strings.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <vector>

namespace timbrel {
namespace {

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::NamedValue;
using torch::jit::Node;
using torch::jit::Value;

const char* const normal_draws[] = {"aten::randn", "aten::randn_like", "aten::normal",
                                    "aten::normal_", "aten::normal_functional"};
const char* const uniform_draws[] = {"aten::rand", "aten::rand_like", "aten::uniform_",
                                     "aten::uniform"};

template <std::size_t size> bool is_one_of(const Node& node, const char* const (&names)[size]) {
    for (const char* name : names) {
        if (node.kind() == c10::Symbol::fromQualString(name)) {
            return true;
        }
    }
    return false;
}

/// False where a layer such as dropout is not being trained: modules are not.
bool in_training(const Node& node) {
    for (const char* name : {"train", "training"}) {
        if (!node.hasNamedInput(name)) {
            continue;
        }
        const Value* value = node.namedInput(name);
        const auto constant = torch::jit::toIValue(value);
        if (constant) {
            return !constant->isBool() || constant->toBool();
        }
        return value->node()->kind() != c10::prim::GetAttr;
    }
    return true;
}

bool draws_at_all(const Node& node) {
    const c10::FunctionSchema* schema = node.maybeSchema();
    if (!schema) {
        return false;
    }
    const auto found = c10::Dispatcher::singleton().findSchema(schema->operator_name());
    if (!found) {
        return false;
    }
    const auto tags = found->getTags();
    return std::find(tags.begin(), tags.end(), at::Tag::nondeterministic_seeded) != tags.end() &&
           in_training(node);
}

struct Found {
    std::vector<Node*> normal, uniform;
    bool other = false;
};

void find_draws(Block* block, Found& found) {
    for (Node* node : block->nodes()) {
        if (is_one_of(*node, normal_draws)) {
            found.normal.push_back(node);
        } else if (is_one_of(*node, uniform_draws)) {
            found.uniform.push_back(node);
        } else {
            found.other = found.other || draws_at_all(*node);
        }
        for (Block* inner : node->blocks()) {
            find_draws(inner, found);
        }
    }
}

Value* insert(Graph& graph, const char* name, at::ArrayRef<NamedValue> arguments) {
    return graph.insert(c10::Symbol::fromQualString(name), arguments);
}

/// After `draw`, in place: draw = (draw - mean) * amount + mean, without the mean where it is null.
/// In place, so that a draw into a tensor that goes by several names changes for all of them.
void scale(Graph& graph, Node* draw, Value* mean, Value* amount) {
    const NamedValue drawn(draw->output());
    if (mean) {
        insert(graph, "aten::sub_", {drawn, NamedValue(mean)});
    }
    insert(graph, "aten::mul_", {drawn, NamedValue(amount)});
    if (mean) {
        insert(graph, "aten::add_", {drawn, NamedValue(mean)});
    }
}

} // namespace

Draws add_amounts(Graph& graph) {
    Value* normal_amount = graph.addInput("normal_amount");
    Value* uniform_amount = graph.addInput("uniform_amount");
    Found found;
    find_draws(graph.block(), found);

    for (Node* draw : found.normal) {
        torch::jit::WithInsertPoint after(draw->next());
        const bool standard = !draw->hasNamedInput("mean");
        scale(graph, draw, standard ? nullptr : draw->namedInput("mean"), normal_amount);
    }
    for (Node* draw : found.uniform) {
        torch::jit::WithInsertPoint after(draw->next());
        Value* mean = nullptr;
        if (draw->hasNamedInput("from")) {
            Value* sum =
                insert(graph, "aten::add", {draw->namedInput("from"), draw->namedInput("to")});
            mean = insert(graph, "aten::mul", {sum, NamedValue(0.5)});
        } else {
            mean = graph.insertConstant(0.5);
        }
        scale(graph, draw, mean, uniform_amount);
    }
    return {!found.normal.empty(), !found.uniform.empty(), found.other};
}

} // namespace timbrel

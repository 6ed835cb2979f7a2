// SPDX-License-Identifier: ISC
#ifndef TIMBREL_ENGINE_MODEL_TORCH_TRACE_HPP
#define TIMBREL_ENGINE_MODEL_TORCH_TRACE_HPP

#include "engine/model/compile/builder.h"

#include <ATen/ATen.h>
#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace timbrel {

/// One call of an operator, as libtorch's dispatcher saw it.
struct OperatorCall {
    std::string name;     ///< Without "aten::" and an in-place operator's final "_"
    std::string overload; ///< "Tensor", "Scalar", ... or empty
    bool in_place;
    const c10::FunctionSchema* schema;
    std::vector<c10::IValue> inputs;
    std::vector<c10::IValue> outputs;

    /// The argument of that name; none where the schema has no such.
    c10::IValue argument(const std::string& name) const;
    at::Tensor tensor(const std::string& name) const;
    double number(const std::string& name, double otherwise) const;
    at::Tensor output(std::size_t index = 0) const;
};

/// Watches a model run and writes down as steps what happens to its input and its state; all else
/// is constant, and is only read off when a step needs it. A tensor goes by its storage: views need
/// no step, whatever made them.
class Trace {
  public:
    explicit Trace(TimbrelBuilder& builder) : builder_(builder) {}

    /// Storages that belong to the model: what is written there is state.
    void own(const at::Tensor& tensor);
    /// Of these, the ones that are state, as far as known, with their present values as the first.
    void declare_state(const at::Tensor& tensor);
    /// A tensor that comes from outside, such as a method's input.
    void declare_input(const at::Tensor& tensor);
    /// Storages of the model that were changed and were not declared as state.
    const std::unordered_set<const c10::StorageImpl*>& found_state() const {
        return found_state_;
    }
    bool knows(const at::Tensor& tensor) const;

    /// Run `work`, recording the operators that it calls. Throws Problem if one cannot be a step.
    void watch(const std::function<void()>& work);

    // What lowering uses.

    /// Where a tensor's elements are; a constant is read off on the way.
    TimbrelView view(const at::Tensor& tensor);
    /// Where a step may write a tensor's elements.
    TimbrelView target(const at::Tensor& tensor);
    /// A tensor for intermediate results.
    at::Tensor temporary(at::IntArrayRef sizes);
    /// True if the tensor's values are the same at each call.
    bool constant(const at::Tensor& tensor) const;
    void emit(const TimbrelPlanStep& step);
    void map(TimbrelMap function, const at::Tensor& out, const at::Tensor& in, float n0 = 0.0F,
             float n1 = 0.0F, float n2 = 0.0F);
    void combine(TimbrelCombine function, const at::Tensor& out, const at::Tensor& a,
                 const at::Tensor& b, float n0 = 1.0F);
    void fill(const at::Tensor& out, double value);
    std::uint32_t weights(const at::Tensor& values, bool exact);
    /// This model cannot be a plan, for this reason.
    void refuse(const std::string& why);

  private:
    struct Place {
        std::uint32_t buffer;
        bool constant;
    };
    /// An operator under way.
    struct Frame {
        OperatorCall call;
        bool lowers = false;      ///< Becomes steps as a whole
        bool seen_inside = false; ///< Made of other operators
        std::vector<std::pair<at::Tensor, at::Tensor>>
            before; ///< Constants about to be written, and copies of them
    };
    friend struct Hooks;

    void enter(const std::string& name, const std::string& overload,
               const c10::FunctionSchema* schema, c10::ArrayRef<const c10::IValue> inputs);
    void leave(std::vector<c10::IValue> outputs);
    void finish(Frame& frame, const std::vector<c10::IValue>& outputs);
    void check_parts(const OperatorCall& call);
    bool varies(const std::vector<c10::IValue>& values) const;
    static at::Tensor held_before(const at::Tensor& tensor, const Frame& frame);
    void written(const at::Tensor& tensor, const Frame& frame, bool varying);
    TimbrelView strided(const at::Tensor& tensor, std::uint32_t buffer) const;

    TimbrelBuilder& builder_;
    std::unordered_map<const c10::StorageImpl*, Place> places_;
    std::unordered_set<const c10::StorageImpl*> owned_, found_state_, blank_;
    std::vector<at::Tensor> kept_; ///< So that no storage's address is used twice
    std::vector<Frame> frames_;
    at::Tensor chance_;         ///< State of the random generator behind the last operator
    std::size_t swallowed_ = 0; ///< Depth at which a step was found for the operator; 0: none
    std::string refusal_;
};

/// Write down an operator's effect. False if there are no steps for it.
bool lower(Trace& trace, const OperatorCall& call);
/// True for an operator that makes random numbers.
bool draws(const std::string& name);
/// True if lower() may know it.
bool can_lower(const std::string& name);

} // namespace timbrel

#endif

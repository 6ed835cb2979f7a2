// SPDX-License-Identifier: ISC
#include "compile.hpp"

#include "engine/model/compile/improve.h"
#include "engine/model/compile/layout.h"
#include "engine/model/methods.h"
#include "engine/model/windowing.h"
#include "problem.hpp"
#include "trace.hpp"

#include <torch/version.h>

#include <algorithm>
#include <memory>

namespace timbrel {
namespace {

constexpr std::uint32_t least_hop = 64;
constexpr std::uint32_t largest_hop = 8192;
/// So many calls show whether a number grows.
constexpr int growing_calls = 24;
/// Plans compute in float32, which holds all whole numbers up to here.
constexpr double largest_whole = 1 << 24;

[[noreturn]] void refuse(const std::string& why) {
    throw Problem(TIMBREL_BAD_MODEL, why);
}

struct FreeBuilder {
    void operator()(TimbrelBuilder* builder) const {
        timbrel_builder_free(builder);
        delete builder;
    }
};

/// One attribute of one of the model's modules.
struct Slot {
    c10::intrusive_ptr<c10::ivalue::Object> owner;
    std::size_t index;

    c10::IValue value() const {
        return owner->getSlot(index);
    }
};

std::vector<Slot> find_slots(const torch::jit::Module& model) {
    std::vector<Slot> slots;
    for (const auto& module : model.modules()) {
        for (std::size_t i = 0; i < module.type()->numAttributes(); i++) {
            slots.push_back({module._ivalue(), i});
        }
    }
    return slots;
}

bool is_tensor(const c10::IValue& value) {
    return value.isTensor() && value.toTensor().defined();
}

/// The largest of its numbers, by amount.
double largest(const at::Tensor& tensor) {
    return tensor.numel() > 0 ? tensor.to(at::kDouble).abs().max().item<double>() : 0.0;
}

/// A copy of what may be state; weights are too large for that.
at::Tensor kept(const c10::IValue& value) {
    const bool small = is_tensor(value) && value.toTensor().numel() < (1 << 20);
    return small ? value.toTensor().clone() : at::Tensor();
}

class Compiler {
  public:
    Compiler(const torch::jit::Module& model, const TimbrelModelInfo& info, const Run& run,
             const State& state, const std::function<void()>& reset)
        : info_(info), run_(run), state_(state), reset_(reset), slots_(find_slots(model)),
          is_state_(slots_.size(), false) {}

    void write(const PlanRequest& request) {
        settle();
        check_memory();
        while (!trace()) {
        }
        check_numbers();
        timbrel_improve(builder_.get());
        const std::string maker = "timbrel " TIMBREL_VERSION ", libtorch " TORCH_VERSION;
        const TimbrelLayoutOptions options = {request.model_hash.c_str(), maker.c_str(), frames_,
                                              request.form};
        const TimbrelStatus status =
            timbrel_layout_write(builder_.get(), &info_, &options, request.file);
        if (status == TIMBREL_IO_ERROR) {
            throw Problem(status, "its plan could not be written: make room on the disk");
        }
        if (status != TIMBREL_OK) {
            throw Problem(status, "there is not enough memory to make its plan");
        }
    }

  private:
    std::vector<TimbrelStep> steps() const {
        std::vector<TimbrelStep> steps;
        for (int i = 0; i < TIMBREL_STEP_COUNT; i++) {
            if (timbrel_methods_step(&info_, static_cast<TimbrelStep>(i))) {
                steps.push_back(static_cast<TimbrelStep>(i));
            }
        }
        return steps;
    }

    at::Tensor input(TimbrelStep step) const {
        const std::int64_t samples = std::int64_t{frames_} * info_.ratio;
        return step == TIMBREL_STEP_DECODE ? 0.1 * at::randn({1, info_.latents, frames_})
                                           : 0.1 * at::randn({1, info_.in_channels, samples});
    }

    bool fits(TimbrelStep step, const at::Tensor& output) const {
        const std::int64_t samples = std::int64_t{frames_} * info_.ratio;
        return step == TIMBREL_STEP_ENCODE
                   ? output.sizes() == at::IntArrayRef({1, info_.latents, frames_})
                   : output.sizes() == at::IntArrayRef({1, info_.out_channels, samples});
    }

    void play() {
        for (const TimbrelStep step : steps()) {
            if (!fits(step,
                      run_(step, input(step), at::scalar_tensor(1.0F), at::scalar_tensor(1.0F)))) {
                refuse("it answers with other sizes than it says");
            }
        }
    }

    /// Find the shortest call (without streaming it is the window), and let the first call's
    /// preparations happen. What state is at the start is remembered.
    void settle() {
        const std::uint32_t shortest =
            info_.streaming ? least_hop : timbrel_window_size(info_.ratio);
        if (shortest > TIMBREL_MAX_RATIO) {
            refuse("it was exported without streaming, and the windows that it needs are too long "
                   "for a plan");
        }
        for (frames_ = std::max(1U, shortest / info_.ratio);; frames_ *= 2) {
            try {
                reset_();
                first_values_.clear();
                for (const Slot& slot : slots_) {
                    first_values_.push_back(kept(slot.value()));
                }
                play();
                return;
            } catch (const std::exception&) {
                if (2 * frames_ * info_.ratio > largest_hop) {
                    throw;
                }
            }
        }
    }

    /// A plan keeps tensors only.
    void check_memory() {
        for (int call = 0; call < 3; call++) {
            const std::string name = state_.changed();
            if (!name.empty()) {
                refuse("it remembers in " + name +
                       ", which is no tensor, and a plan keeps only those");
            }
            play();
        }
    }

    /// A plan keeps and computes in float32. That is exact for whole numbers that stay small, and
    /// for no other number of another type.
    void check_numbers() {
        std::vector<std::size_t> wide;
        for (std::size_t i = 0; i < slots_.size(); i++) {
            if (!is_state_[i]) {
                continue;
            }
            const at::ScalarType type = slots_[i].value().toTensor().scalar_type();
            if (type == at::kBool || type == at::kFloat || type == at::kComplexFloat) {
                continue;
            }
            if (!at::isIntegralType(type, false)) {
                refuse("it remembers in " + name(slots_[i]) + " what float32 is too coarse for");
            }
            wide.push_back(i);
        }
        if (wide.empty()) {
            return;
        }
        reset_();
        std::vector<double> half(wide.size());
        for (int call = 1; call <= growing_calls; call++) {
            play();
            for (std::size_t i = 0; i < wide.size(); i++) {
                const double now = largest(slots_[wide[i]].value().toTensor());
                if (now > largest_whole || (call > growing_calls / 2 && now > half[i])) {
                    refuse("it counts in " + name(slots_[wide[i]]) +
                           ", and a plan counts only as far as float32 does");
                }
                if (call <= growing_calls / 2) {
                    half[i] = std::max(half[i], now);
                }
            }
        }
    }

    static std::string name(const Slot& slot) {
        return slot.owner->type()->getAttributeName(slot.index);
    }

    /// Bring the state found so far to its first values.
    void rewind() {
        for (std::size_t i = 0; i < slots_.size(); i++) {
            if (!is_state_[i]) {
                continue;
            }
            at::Tensor now = slots_[i].value().toTensor();
            const at::Tensor& first = first_values_[i];
            if (first.defined() && first.sizes() == now.sizes()) {
                now.copy_(first);
            } else {
                now.zero_();
            }
        }
    }

    /// Trace all methods into a fresh builder. False if more state was found: once more, then.
    bool trace() {
        builder_.reset(new TimbrelBuilder());
        Trace trace(*builder_);
        rewind();
        std::vector<c10::IValue> before;
        for (std::size_t i = 0; i < slots_.size(); i++) {
            before.push_back(slots_[i].value());
            if (!is_tensor(before[i])) {
                continue;
            }
            trace.own(before[i].toTensor());
            if (is_state_[i]) {
                trace.declare_state(before[i].toTensor());
            }
        }
        for (const TimbrelStep step : steps()) {
            trace_method(trace, step, before);
        }
        return !find_state(trace, before);
    }

    void trace_method(Trace& trace, TimbrelStep step, const std::vector<c10::IValue>& before) {
        TimbrelPlanMethod& method = builder_->methods[step];
        const at::Tensor in = input(step);
        const at::Tensor amounts[] = {at::scalar_tensor(1.0F), at::scalar_tensor(1.0F)};
        trace.declare_input(in);
        trace.declare_input(amounts[0]);
        trace.declare_input(amounts[1]);
        method.first = builder_->step_count;
        at::Tensor out;
        trace.watch([&] { out = run_(step, in, amounts[0], amounts[1]); });
        const at::Tensor result = trace.temporary(out.sizes());
        trace.map(TIMBREL_MAP_COPY, result, out);
        // A slot that got another tensor: its values go where the old one's were.
        for (std::size_t i = 0; i < slots_.size(); i++) {
            const c10::IValue now = slots_[i].value();
            if (!is_state_[i] || now.toTensor().is_same(before[i].toTensor())) {
                continue;
            }
            if (now.toTensor().sizes() != before[i].toTensor().sizes()) {
                refuse("it changes the size of its memory from call to call");
            }
            trace.map(TIMBREL_MAP_COPY, before[i].toTensor(), now.toTensor());
            slots_[i].owner->setSlot(slots_[i].index, before[i]);
        }
        method.count = builder_->step_count - method.first;
        method.in = trace.view(in.squeeze(0));
        method.out = trace.view(result.squeeze(0));
        method.amounts[0] = trace.view(amounts[0]);
        method.amounts[1] = trace.view(amounts[1]);
    }

    bool find_state(const Trace& trace, const std::vector<c10::IValue>& before) {
        bool found = false;
        for (std::size_t i = 0; i < slots_.size(); i++) {
            const c10::IValue now = slots_[i].value();
            if (is_tensor(before[i]) && is_tensor(now)) {
                const bool replaced = !now.toTensor().is_same(before[i].toTensor());
                const bool written = trace.found_state().count(
                                         before[i].toTensor().storage().unsafeGetStorageImpl()) > 0;
                if (!is_state_[i] && (replaced || written)) {
                    is_state_[i] = found = true;
                }
            }
        }
        return found;
    }

    const TimbrelModelInfo& info_;
    const Run& run_;
    const State& state_;
    const std::function<void()>& reset_;
    std::vector<Slot> slots_;
    std::vector<bool> is_state_; ///< By slot
    std::vector<at::Tensor> first_values_;
    std::uint32_t frames_ = 1;
    std::unique_ptr<TimbrelBuilder, FreeBuilder> builder_;
};

} // namespace

void compile_plan(const torch::jit::Module& model, const TimbrelModelInfo& info, const Run& run,
                  const State& state, const std::function<void()>& reset,
                  const PlanRequest& request) {
    Compiler(model, info, run, state, reset).write(request);
}

} // namespace timbrel

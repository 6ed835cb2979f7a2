// SPDX-License-Identifier: ISC
#include "module.hpp"

#include "attributes.hpp"
#include "delay.hpp"
#include "engine/model/methods.h"
#include "noise.hpp"
#include "problem.hpp"
#include "state.hpp"

#include <ATen/Parallel.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/script.h>
#include <torch/version.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <sys/stat.h>
#include <unistd.h>

namespace timbrel {
namespace {

using c10::IValue;
using torch::jit::Module;

constexpr std::uint32_t shortest_call = 64;
constexpr std::int64_t longest_probe = 8192;
constexpr double same_enough = 1e-4; ///< Share of the peak: sums are added up in another order

/// Lets libtorch read an open file piece by piece, so that it needs neither a path nor a second
/// copy.
class FileReader : public caffe2::serialize::ReadAdapterInterface {
  public:
    explicit FileReader(int file) : file_(file) {
        struct stat about = {};
        if (fstat(file, &about) != 0) {
            throw Problem(TIMBREL_IO_ERROR, "the file cannot be read");
        }
        size_ = static_cast<std::size_t>(about.st_size);
    }

    std::size_t size() const override {
        return size_;
    }

    std::size_t read(std::uint64_t position, void* buffer, std::size_t count,
                     const char* /*what*/) const override {
        std::size_t done = 0;
        while (done < count) {
            const ssize_t got = pread(file_, static_cast<char*>(buffer) + done, count - done,
                                      static_cast<off_t>(position + done));
            if (got == 0 || (got < 0 && errno != EINTR)) { // a cut file sets no errno
                break;
            }
            done += got > 0 ? static_cast<std::size_t>(got) : 0;
        }
        return done;
    }

  private:
    int file_;
    std::size_t size_ = 0;
};

/// METHOD_params. False where it is missing or holds anything but four counts.
bool read_params(const Module& model, const std::string& name, TimbrelMethod& method) {
    const IValue value = model.attr(name + "_params", IValue());
    if (!value.isTensor() || value.toTensor().numel() != 4 || name.size() >= sizeof method.name) {
        return false;
    }
    const at::Tensor numbers = value.toTensor().to(at::kDouble).flatten();
    std::array<std::uint32_t*, 4> fields = {&method.in_channels, &method.in_ratio,
                                            &method.out_channels, &method.out_ratio};
    for (int i = 0; i < 4; i++) {
        const auto number = numbers[i].item<double>();
        if (!(number >= 0.0 && number <= UINT32_MAX) || number != std::floor(number)) {
            return false;
        }
        *fields[static_cast<std::size_t>(i)] = static_cast<std::uint32_t>(number);
    }
    (void)std::snprintf(method.name, sizeof method.name, "%s", name.c_str());
    return true;
}

/// Whether it takes one input that must be given.
bool takes_one(const torch::jit::Method& method) {
    const auto& arguments = method.function().getSchema().arguments();
    return arguments.size() >= 2 && // after self
           std::all_of(arguments.begin() + 2, arguments.end(),
                       [](const auto& argument) { return argument.default_value().has_value(); });
}

TimbrelMethodKind kind_of(const TimbrelMethod& method) {
    const auto within = [](std::uint32_t value, std::uint32_t most) {
        return value >= 1 && value <= most;
    };
    if (method.in_ratio != 1 || !within(method.in_channels, TIMBREL_MAX_CHANNELS)) {
        return TIMBREL_METHOD_OTHER;
    }
    if (method.out_ratio == 1) {
        return within(method.out_channels, TIMBREL_MAX_CHANNELS) ? TIMBREL_METHOD_SOUND
                                                                 : TIMBREL_METHOD_OTHER;
    }
    const bool power = (method.out_ratio & (method.out_ratio - 1)) == 0;
    return power && within(method.out_ratio, TIMBREL_MAX_RATIO) &&
                   within(method.out_channels, TIMBREL_MAX_LATENTS)
               ? TIMBREL_METHOD_VALUES
               : TIMBREL_METHOD_OTHER;
}

void read_methods(const Module& model, TimbrelModelInfo& info) {
    std::vector<std::string> names;
    if (model.find_method("get_methods")) {
        names = read_strings(model, "get_methods");
    } else {
        for (const auto& method : model.get_methods()) {
            names.push_back(method.name());
        }
    }
    for (const auto& name : names) {
        if (info.method_count == TIMBREL_MAX_METHODS) {
            break;
        }
        TimbrelMethod& method = info.methods[info.method_count];
        const auto found = model.find_method(name);
        if (!found || !read_params(model, name, method)) {
            continue;
        }
        method.kind = takes_one(*found) ? kind_of(method) : TIMBREL_METHOD_OTHER;
        info.method_count++;
    }
}

void choose_method(TimbrelModelInfo& info, const std::string& wanted) {
    std::array<char, 400> problem = {};
    if (!timbrel_methods_choose(&info, wanted.c_str(), problem.data(), problem.size())) {
        throw Problem(TIMBREL_BAD_MODEL, problem.data());
    }
}

[[noreturn]] void refuse(const std::string& why) {
    throw Problem(TIMBREL_BAD_MODEL, "it cannot be played, as " + why);
}

double as_number(const IValue& value) {
    if (value.isInt()) {
        return static_cast<double>(value.toInt());
    }
    if (value.isDouble()) {
        return value.toDouble();
    }
    if (value.isTensor() && value.toTensor().defined() && value.toTensor().numel() == 1) {
        return value.toTensor().item<double>();
    }
    return 0.0;
}

/// The rate that the file says, or 0. Attributes come before get_sample_rate(), as RAVE's
/// set_sample_rate() overwrites what that returns; v1 models with a prior keep theirs one level
/// down.
double read_rate(const Module& model) {
    const auto plausible = [](double rate) {
        return rate >= TIMBREL_MIN_RATE && rate <= TIMBREL_MAX_RATE;
    };
    for (const char* name : {"sr", "sampling_rate", "sample_rate"}) {
        if (const double rate = as_number(model.attr(name, IValue())); plausible(rate)) {
            return rate;
        }
    }
    const auto getter = model.find_method("get_sample_rate");
    if (getter && getter->num_inputs() == 1) {
        if (const double rate = as_number((*getter)({})); plausible(rate)) {
            return rate;
        }
    }
    const IValue inner = model.attr("_rave", IValue());
    return inner.isModule() ? read_rate(inner.toModule()) : 0.0;
}

void read_labels(const Module& model, TimbrelModelInfo& info) {
    static const std::string signal = "(signal) "; // Max's word for the kind of an outlet
    const auto labels = read_strings(model, "encode_output_labels");
    for (std::size_t i = 0; i < labels.size() && i < info.latents; i++) {
        const bool marked = labels[i].compare(0, signal.size(), signal) == 0;
        (void)std::snprintf(info.latent_labels[i], sizeof info.latent_labels[i], "%s",
                            labels[i].c_str() + (marked ? signal.size() : 0));
    }
}

TimbrelLatentKind latent_kind(const std::string& name) {
    static const std::pair<const char*, TimbrelLatentKind> kinds[] = {
        {"normal", TIMBREL_LATENT_NORMAL},
        {"pitch", TIMBREL_LATENT_PITCH},
        {"clearness", TIMBREL_LATENT_CLEARNESS},
        {"level", TIMBREL_LATENT_LEVEL}};
    const auto* const end = std::end(kinds);
    const auto* const found =
        std::find_if(std::begin(kinds), end, [&](const auto& each) { return name == each.first; });
    return found == end ? TIMBREL_LATENT_MEASURED : found->second;
}

/// Attributes that nn~ does not know: see docs/train.md.
void read_meanings(const Module& model, TimbrelModelInfo& info) {
    const auto kinds = read_strings(model, "latent_kinds");
    const auto units = read_strings(model, "latent_units");
    const IValue scales = model.attr("latent_scales", IValue());
    const IValue offsets = model.attr("latent_offsets", IValue());
    const auto number = [](const IValue& list, std::size_t at, float otherwise) {
        return list.isDoubleList() && at < list.toDoubleVector().size()
                   ? static_cast<float>(list.toDoubleVector()[at])
                   : otherwise;
    };
    for (std::size_t i = 0; i < kinds.size() && i < info.latents; i++) {
        TimbrelLatentMeaning& meaning = info.latent_meanings[i];
        meaning.kind = latent_kind(kinds[i]);
        meaning.scale = number(scales, i, 1.0F);
        meaning.offset = number(offsets, i, 0.0F);
        (void)std::snprintf(meaning.unit, sizeof meaning.unit, "%s",
                            i < units.size() ? units[i].c_str() : "");
    }
    const IValue space = model.attr("latent_space", IValue());
    (void)std::snprintf(info.latent_space, sizeof info.latent_space, "%s",
                        space.isString() ? space.toStringRef().c_str() : "");
}

/// Integer codes come from a codebook: a quantiser's tables go by these names.
bool is_discrete(const Module& model) {
    for (const auto& attribute : model.named_attributes(true)) {
        for (const char* mark : {"rvq", "codebook", "quantizer"}) {
            if (attribute.value.isTensor() && attribute.name.find(mark) != std::string::npos) {
                return true;
            }
        }
    }
    return false;
}

/// One played method: its graph with the random draws under control, ready to run.
struct Player {
    explicit Player(const Module& model, const std::string& name) {
        const auto method = model.get_method(name);
        const auto& arguments = method.function().getSchema().arguments();
        for (std::size_t i = 2; i < arguments.size(); i++) { // after self and the input
            if (!arguments[i].default_value()) {
                refuse("its " + name + " wants more than one input");
            }
            defaults.push_back(*arguments[i].default_value());
        }
        if (arguments.size() < 2) {
            refuse("its " + name + " takes no input");
        }
        auto graph = method.graph()->copy();
        {
            const torch::jit::GraphOptimizerEnabledGuard whole(true); // else only one level deep
            torch::jit::Inline(*graph);
        }
        draws = add_amounts(*graph);
        executor = torch::jit::GraphExecutor(graph, name);
    }

    torch::jit::GraphExecutor executor;
    std::vector<IValue> defaults;
    Draws draws;
};

bool same(const at::Tensor& one, const at::Tensor& other) {
    return one.sizes() == other.sizes() &&
           ((one - other).abs().max() <= same_enough * other.abs().max()).item<bool>();
}

std::string shape(at::IntArrayRef sizes) {
    std::string text;
    for (const auto size : sizes) {
        text += (text.empty() ? "" : " x ") + std::to_string(size);
    }
    return text;
}

} // namespace

struct Model::Inside {
    Inside(int file, const std::string& method, std::uint64_t random_seed, std::uint32_t max_lanes)
        : seed(random_seed), lanes(max_lanes),
          module(torch::jit::load(std::make_shared<FileReader>(file), at::kCPU)) {
        module.eval();
        read_methods(module, info);
        choose_method(info, method);
        read_labels(module, info);
        if (info.play_mode == TIMBREL_PLAY_ENCODE_DECODE) {
            read_meanings(module, info);
        }
        const double rate = read_rate(module);
        info.rate_known = rate > 0.0;
        info.rate = rate > 0.0 ? rate : 44100.0;
        info.discrete = info.latents > 0 && is_discrete(module);
        info.has_prior = module.hasattr("prior_params");
        for (int step = 0; step < TIMBREL_STEP_COUNT; step++) {
            const char* name = timbrel_methods_step(&info, static_cast<TimbrelStep>(step));
            players.push_back(name ? std::make_unique<Player>(module, name) : nullptr);
            info.draws_normal |= name && players.back()->draws.normal;
            info.draws_uniform |= name && players.back()->draws.uniform;
            info.draws_other |= name && players.back()->draws.other;
        }
        read_attributes(module, info);
        state = std::make_unique<State>(module, lanes);
        info.streaming = state->has_caches() || info.play_mode == TIMBREL_PLAY_VALUES;
        // The layers that it sees are all of the file's, not a single method's.
        const bool whole = info.method[0] == '\0' || info.method == std::string("forward");
        info.layers_delay = whole ? layers_delay(module, info.ratio) : -1.0;
        if (!info.streaming) {
            probe_seam();
        }
        info.streaming = info.streaming || remembers();
        state->reset();
        at::manual_seed(seed);
    }

    /// The method's answer. Throws Problem if that is not one tensor.
    at::Tensor run(TimbrelStep step, const at::Tensor& input, const at::Tensor& normal,
                   const at::Tensor& uniform) {
        Player& player = *players.at(step);
        torch::jit::Stack stack;
        stack.emplace_back(module._ivalue());
        stack.emplace_back(input);
        for (const auto& value : player.defaults) {
            stack.push_back(value);
        }
        stack.emplace_back(normal);
        stack.emplace_back(uniform);
        player.executor.run(stack);
        if (stack.size() != 1 || !stack[0].isTensor() || stack[0].toTensor().is_complex()) {
            throw Problem(TIMBREL_BAD_MODEL, std::string("its ") +
                                                 timbrel_methods_step(&info, step) +
                                                 " does not answer with one tensor of numbers");
        }
        const at::Tensor answer = stack[0].toTensor(); // codes are whole numbers
        return answer.is_floating_point() ? answer : answer.to(at::kFloat);
    }

    /// What the sound `input` becomes, without random draws.
    at::Tensor play(const at::Tensor& input) {
        at::Tensor signal = input.clone();
        for (int step = 0; step < TIMBREL_STEP_COUNT; step++) {
            if (players[static_cast<std::size_t>(step)]) {
                signal = run(static_cast<TimbrelStep>(step), signal, at::scalar_tensor(0.0F),
                             at::scalar_tensor(0.0F));
            }
        }
        return signal;
    }

    /// A sound in several calls may give what it gives in one: then calls need no windows around
    /// them, though nothing in the file says that it streams. And it may give that after any other:
    /// then nothing is remembered, and nothing delayed.
    void probe_seam() {
        for (std::int64_t size = std::max(info.ratio, shortest_call); size <= longest_probe;
             size *= 2) {
            try {
                const at::Tensor sound = 0.1 * at::randn({1, info.in_channels, 4 * size});
                state->reset();
                const at::Tensor whole = play(sound);
                state->reset();
                std::vector<at::Tensor> parts;
                for (const at::Tensor& part : sound.split(size, 2)) {
                    parts.push_back(play(part));
                }
                info.streaming = whole.size(2) == sound.size(2) && same(at::cat(parts, 2), whole);
                if (info.streaming && same(play(sound), whole)) {
                    info.layers_delay = 0.0;
                }
                return;
            } catch (const std::exception&) {
                continue; // it may take longer calls only
            }
        }
    }

    /// What a call of `size` samples gives; all randomness as at the start.
    at::Tensor answer(std::int64_t size, double level) {
        at::manual_seed(seed);
        return at::nan_to_num(play(level * at::randn({1, info.in_channels, size})));
    }

    /// Whether what a call gives depends on the calls before it.
    bool remembers() {
        for (std::int64_t size = std::max(info.ratio, shortest_call); size <= longest_probe;
             size *= 2) {
            try {
                state->reset();
                const at::Tensor first = answer(size, 0.1).clone();
                (void)answer(size, 0.05);
                return !at::equal(first, answer(size, 0.1));
            } catch (const std::exception&) {
                continue; // it may take longer calls only
            }
        }
        return false;
    }

    c10::InferenceMode inference; ///< For the whole life of the model: no gradients, no bookkeeping
    std::uint64_t seed;
    std::uint32_t lanes;
    std::uint32_t shortest = UINT32_MAX; ///< Call that it has played, frames
    Module module;
    TimbrelModelInfo info = {};
    std::vector<std::unique_ptr<Player>> players; ///< By TimbrelStep; null where not played
    std::unique_ptr<State> state;
    std::vector<std::pair<std::string, std::string>> settings; ///< Attributes set, oldest first
};

void prepare_torch() {
    at::set_num_threads(1);
    at::set_num_interop_threads(1);
    (void)at::globalContext().setFlushDenormal(true);
    // Measured on RAVE's own networks: the profiling executor gains nothing once warm, and its
    // first two calls take 0.3 to 1 s; oneDNN is slower than a good BLAS at one hop a call.
    torch::jit::setGraphExecutorOptimize(false);
    at::globalContext().setUserEnabledMkldnn(false);
    // Of the engines for quantised layers, the one that makes no machine code as it goes, which the
    // sandbox forbids.
    const auto& engines = at::globalContext().supportedQEngines();
    if (std::find(engines.begin(), engines.end(), at::QEngine::QNNPACK) != engines.end()) {
        at::globalContext().setQEngine(at::QEngine::QNNPACK);
    }
}

const char* torch_version() {
    return TORCH_VERSION;
}

Model::Model(int file, const std::string& method, std::uint64_t seed, std::uint32_t lanes)
    : inside_(std::make_unique<Inside>(file, method, seed, lanes)) {}

Model::~Model() = default;

const TimbrelModelInfo& Model::info() const {
    return inside_->info;
}

void Model::call(const TimbrelCall& call, const float* input, float* output) {
    const TimbrelModelInfo& info = inside_->info;
    const char* const name = timbrel_methods_step(&info, call.step);
    if (!name) {
        throw Problem(TIMBREL_BAD_ARGUMENT, "it is not played by that step");
    }
    const bool decode = call.step == TIMBREL_STEP_DECODE;
    const bool encode = call.step == TIMBREL_STEP_ENCODE;
    const std::int64_t lanes = timbrel_lanes_count(call.lanes);
    const std::int64_t in_frame = decode ? 1 : info.ratio; // values of a channel to a frame
    const std::int64_t out_frame = encode ? 1 : info.ratio;
    const std::array<std::int64_t, 3> in = {lanes, decode ? info.latents : info.in_channels,
                                            in_frame * call.frames};
    const std::array<std::int64_t, 3> out = {lanes, encode ? info.latents : info.out_channels,
                                             out_frame * call.frames};
    const at::Tensor given = at::from_blob(const_cast<float*>(input), in, at::kFloat);
    at::Tensor answer = at::from_blob(output, out, at::kFloat);
    inside_->state->arrange(call.lanes);
    // Where amounts vary, in calls as short as the model is known to take.
    const bool parts = call.varied && info.streaming && inside_->shortest < call.frames;
    const std::uint32_t most = parts ? inside_->shortest : call.frames;
    for (std::uint32_t frame = 0; frame < call.frames; frame += most) {
        const std::uint32_t count = std::min(most, call.frames - frame);
        const TimbrelAmounts amounts = timbrel_call_amounts(&call, frame, count);
        // A copy: a model may keep what it is given, or write to it.
        const at::Tensor part = given.narrow(2, frame * in_frame, count * in_frame).clone();
        const at::Tensor result = inside_->run(call.step, part, at::scalar_tensor(amounts.normal),
                                               at::scalar_tensor(amounts.uniform));
        at::Tensor due = answer.narrow(2, frame * out_frame, count * out_frame);
        if (result.sizes() != due.sizes()) {
            throw Problem(TIMBREL_BAD_MODEL, std::string("its ") + name + " gave " +
                                                 shape(result.sizes()) + " values where " +
                                                 shape(due.sizes()) + " are due");
        }
        due.copy_(result);
    }
    inside_->shortest = std::min(inside_->shortest, most);
}

void Model::compile(const PlanRequest& request) {
    compile_plan(
        inside_->module, inside_->info,
        [this](TimbrelStep step, const at::Tensor& input, const at::Tensor& normal,
               const at::Tensor& uniform) { return inside_->run(step, input, normal, uniform); },
        *inside_->state, [this] { reset(TIMBREL_ALL_LANES); }, request);
    reset(TIMBREL_ALL_LANES);
}

void Model::reset(std::uint32_t lanes) {
    const std::uint32_t all = timbrel_lanes_first(inside_->lanes);
    if ((lanes & all) != all) {
        inside_->state->reset(lanes);
        return;
    }
    inside_->state->reset();
    for (const auto& [name, value] : inside_->settings) {
        timbrel::set_attribute(inside_->module, inside_->info, name, value);
    }
    at::manual_seed(inside_->seed);
}

void Model::set_attribute(const std::string& name, const std::string& value) {
    timbrel::set_attribute(inside_->module, inside_->info, name, value);
    auto& settings = inside_->settings;
    settings.erase(std::remove_if(settings.begin(), settings.end(),
                                  [&](const auto& each) { return each.first == name; }),
                   settings.end());
    settings.emplace_back(name, value);
    read_attributes(inside_->module, inside_->info);
}

} // namespace timbrel

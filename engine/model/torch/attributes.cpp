// SPDX-License-Identifier: ISC
#include "attributes.hpp"

#include "problem.hpp"

#include <ATen/core/jit_type.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace timbrel {
namespace {

using c10::IValue;
using c10::TypeKind;
using torch::jit::Module;

const std::string params = "_params";

std::vector<std::string> attribute_names(const Module& model) {
    if (model.find_method("get_attributes")) {
        return read_strings(model, "get_attributes");
    }
    std::vector<std::string> names;
    for (const auto& attribute : model.named_attributes(false)) {
        const std::string& name = attribute.name;
        if (name.size() <= params.size() ||
            name.compare(name.size() - params.size(), params.size(), params) != 0) {
            continue;
        }
        const std::string stem = name.substr(0, name.size() - params.size());
        if (!model.find_method(stem)) {
            names.push_back(stem);
        }
    }
    return names;
}

std::string number(double value) {
    char text[32];
    (void)std::snprintf(text, sizeof text, "%.9g", value);
    return text;
}

std::string as_text(const IValue& value) {
    if (value.isBool()) {
        return value.toBool() ? "true" : "false";
    }
    if (value.isInt()) {
        return std::to_string(value.toInt());
    }
    if (value.isDouble()) {
        return number(value.toDouble());
    }
    if (value.isString()) {
        return value.toStringRef();
    }
    if (!value.isTensor()) {
        return "?";
    }
    const at::Tensor& tensor = value.toTensor();
    if (tensor.numel() == 1) {
        return number(tensor.item<double>());
    }
    std::ostringstream sizes;
    sizes << "tensor" << tensor.sizes();
    return sizes.str();
}

/// One value, or the elements of a tuple or list.
std::vector<IValue> elements(const IValue& value) {
    if (value.isTuple()) {
        return value.toTupleRef().elements().vec();
    }
    if (value.isList()) {
        return value.toListRef().vec();
    }
    return {value};
}

/// The kinds of set_X's arguments, when it exists and text can be made into each; else nothing.
std::vector<TypeKind> setter_kinds(const Module& model, const std::string& name) {
    const auto setter = model.find_method("set_" + name);
    if (!setter) {
        return {};
    }
    std::vector<TypeKind> kinds;
    const auto& arguments = setter->function().getSchema().arguments();
    for (std::size_t i = 1; i < arguments.size(); i++) { // the first is self
        const TypeKind kind = arguments[i].type()->kind();
        if (kind != TypeKind::BoolType && kind != TypeKind::IntType &&
            kind != TypeKind::FloatType && kind != TypeKind::StringType) {
            return {};
        }
        kinds.push_back(kind);
    }
    return kinds;
}

bool read_attribute(const Module& model, const std::string& name, TimbrelAttribute& attribute) {
    const auto getter = model.find_method("get_" + name);
    if (!getter || name.size() >= sizeof attribute.name) {
        return false;
    }
    const IValue types = model.attr(name + params, IValue());
    if (!types.isTensor()) {
        return false;
    }
    const at::Tensor codes = types.toTensor().to(at::kLong).flatten();
    const auto values = elements((*getter)({}));
    const std::int64_t count = std::min<std::int64_t>(codes.numel(), TIMBREL_MAX_ATTRIBUTE_VALUES);
    std::string text;
    bool as_words = true; // nn_tilde makes setters that take a buffer's name, and do nothing by it
    for (std::int64_t i = 0; i < count; i++) {
        const auto code = codes[i].item<std::int64_t>();
        if (code < TIMBREL_ATTRIBUTE_BOOL || code > TIMBREL_ATTRIBUTE_BUFFER) {
            return false;
        }
        attribute.types[i] = static_cast<std::uint32_t>(code);
        as_words = as_words && code < TIMBREL_ATTRIBUTE_TENSOR;
        if (static_cast<std::size_t>(i) < values.size()) {
            text += (i ? " " : "") + as_text(values[static_cast<std::size_t>(i)]);
        }
    }
    attribute.count = static_cast<std::uint32_t>(count);
    attribute.settable = count > 0 && as_words && codes.numel() == count &&
                         setter_kinds(model, name).size() == static_cast<std::size_t>(count);
    (void)std::snprintf(attribute.name, sizeof attribute.name, "%s", name.c_str());
    (void)std::snprintf(attribute.value, sizeof attribute.value, "%s", text.c_str());
    return true;
}

IValue parse(const std::string& word, TypeKind kind) {
    if (kind == TypeKind::StringType) {
        return word;
    }
    if (word == "true" || word == "false") {
        const bool on = word == "true";
        if (kind == TypeKind::BoolType) {
            return on;
        }
        return kind == TypeKind::IntType ? IValue(std::int64_t{on}) : IValue(on ? 1.0 : 0.0);
    }
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    if (word.empty() || *end != '\0' || !std::isfinite(value) || std::fabs(value) > 9e15) {
        throw Problem(TIMBREL_BAD_ARGUMENT, "\"" + word + "\" is no number");
    }
    if (kind == TypeKind::BoolType) {
        return value != 0.0;
    }
    if (kind == TypeKind::FloatType) {
        return value;
    }
    if (value != std::nearbyint(value)) {
        throw Problem(TIMBREL_BAD_ARGUMENT, "\"" + word + "\" is no whole number");
    }
    return static_cast<std::int64_t>(value);
}

} // namespace

std::vector<std::string> read_strings(const Module& model, const std::string& name) {
    std::vector<std::string> strings;
    const auto method = model.find_method(name);
    const IValue value = method ? (*method)({}) : model.attr(name, IValue());
    if (value.isList() || value.isTuple()) {
        for (const auto& element : elements(value)) {
            if (element.isString()) {
                strings.push_back(element.toStringRef());
            }
        }
    }
    return strings;
}

void read_attributes(const Module& model, TimbrelModelInfo& info) {
    info.attribute_count = 0;
    for (const auto& name : attribute_names(model)) {
        if (info.attribute_count == TIMBREL_MAX_ATTRIBUTES) {
            break;
        }
        TimbrelAttribute& attribute = info.attributes[info.attribute_count];
        attribute = {};
        try {
            if (read_attribute(model, name, attribute)) {
                info.attribute_count++;
            }
        } catch (const std::exception&) {
            attribute = {}; // a getter that fails: the model can be played without this attribute
        }
    }
}

void set_attribute(Module& model, const TimbrelModelInfo& info, const std::string& name,
                   const std::string& text) {
    const auto* end = info.attributes + info.attribute_count;
    const auto* found =
        std::find_if(info.attributes, end, [&](const auto& each) { return name == each.name; });
    if (found == end) {
        throw Problem(TIMBREL_BAD_ARGUMENT, "it has no attribute " + name);
    }
    if (!found->settable) {
        throw Problem(TIMBREL_BAD_ARGUMENT, "its attribute " + name + " cannot be set");
    }

    const auto kinds = setter_kinds(model, name);
    std::vector<IValue> values;
    if (kinds.size() == 1) { // a text may hold spaces
        values.push_back(parse(text, kinds[0]));
    } else {
        std::istringstream words(text);
        std::string word;
        while (values.size() < kinds.size() && words >> word) {
            values.push_back(parse(word, kinds[values.size()]));
        }
        if (values.size() != kinds.size() || words >> word) {
            throw Problem(TIMBREL_BAD_ARGUMENT, "its attribute " + name + " takes " +
                                                    std::to_string(kinds.size()) + " values");
        }
    }
    const IValue answer = model.get_method("set_" + name)(std::move(values));
    if (answer.isInt() && answer.toInt() != 0) {
        throw Problem(TIMBREL_BAD_ARGUMENT,
                      "it refuses " + text + " as value of its attribute " + name);
    }
}

} // namespace timbrel

// SPDX-License-Identifier: ISC
#include "problem.hpp"

#include <c10/util/Exception.h>

#include <new>

namespace timbrel {
namespace {

/// The last line that says something: libtorch puts a traceback before it.
std::string last_line(const std::string& text) {
    const auto end = text.find_last_not_of(" \n\t.");
    if (end == std::string::npos) {
        return "no reason given";
    }
    const auto start = text.find_last_of('\n', end);
    std::string line = text.substr(start == std::string::npos ? 0 : start + 1,
                                   end - (start == std::string::npos ? 0 : start + 1) + 1);
    for (const std::string kind : {"builtins.", "RuntimeError: "}) {
        if (line.compare(0, kind.size(), kind) == 0) {
            line.erase(0, kind.size());
        }
    }
    return line.substr(0, 250);
}

/// libtorch's text without the list of C++ frames that may follow it.
std::string said(const std::exception& error) {
    const auto* own = dynamic_cast<const c10::Error*>(&error);
    const std::string text = own ? own->what_without_backtrace() : error.what();
    return text.substr(0, text.find("\nException raised from"));
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

bool memory_ran_out(const std::exception& error, const std::string& text) {
    return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
           holds(text, "DefaultCPUAllocator") || holds(text, "std::bad_alloc");
}

/// The word that follows `mark` in `text`.
std::string word_after(const std::string& text, const std::string& mark) {
    const auto start = text.find_first_not_of(" '\n", text.find(mark) + mark.size());
    if (start == std::string::npos) {
        return "";
    }
    const std::string word = text.substr(start, text.find_first_of(" '(,\n", start) - start);
    return word.substr(0, word.find_last_not_of('.') + 1);
}

/// What libtorch says where a model's code asks for a processor that this machine, or this build,
/// has not.
bool names_device(const std::string& text) {
    for (const char* sign :
         {"from the 'CUDA'", "from the 'MPS'", "from the 'XPU'", "from the 'HIP'",
          "not compiled with CUDA", "not compiled with XPU", "not linked with support for",
          "CUDA driver", "Cannot access accelerator device", "support device of type"}) {
        if (holds(text, sign)) {
            return true;
        }
    }
    return false;
}

const char* const other_device = "its code asks for a graphics processor, and Timbrel computes on "
                                 "the main one: export it again on the CPU";

std::string newer(const std::string& what) {
    return "it was exported with a newer PyTorch than the one here (" + what +
           "); export it again with an older one, or build Timbrel against a newer libtorch";
}

} // namespace

Problem explain_load(const std::exception& error) {
    if (const auto* problem = dynamic_cast<const Problem*>(&error)) {
        return *problem;
    }
    const std::string text = said(error);
    if (memory_ran_out(error, text)) {
        return {TIMBREL_NO_MEMORY,
                "it needs more memory than a model may use; choose a smaller one"};
    }
    if (names_device(text)) {
        return {TIMBREL_BAD_MODEL, other_device};
    }
    if (holds(text, "Unknown builtin op")) {
        return {TIMBREL_BAD_MODEL,
                newer("it uses the operator " + word_after(text, "Unknown builtin op:"))};
    }
    if (holds(text, "maximum supported version")) {
        return {TIMBREL_BAD_MODEL,
                newer("file format " + word_after(text, "PyTorch file with version"))};
    }
    if (holds(text, "Unknown type name") || holds(text, "Unknown keyword argument") ||
        holds(text, "but found")) {
        return {TIMBREL_BAD_MODEL, newer(last_line(text.substr(0, text.find('\n'))))};
    }
    if (holds(text, "file not found") || holds(text, "not in a subdirectory")) {
        return {TIMBREL_BAD_MODEL, "the file holds no TorchScript model; choose one that was "
                                   "exported for nn~ or RAVE"};
    }
    if (holds(text, "PytorchStreamReader") || holds(text, "inline_container") ||
        holds(text, "Unpickler") || holds(text, "unexpected end")) {
        return {TIMBREL_BAD_MODEL, "the file is damaged or incomplete; download it again"};
    }
    return {TIMBREL_BAD_MODEL, "libtorch cannot read the file (" + last_line(text) + ")"};
}

Problem explain_call(const std::exception& error, const std::string& doing) {
    if (const auto* problem = dynamic_cast<const Problem*>(&error)) {
        return *problem;
    }
    const std::string text = said(error);
    if (memory_ran_out(error, text)) {
        return {TIMBREL_NO_MEMORY, "it needs more memory than a model may use; choose another one"};
    }
    if (names_device(text)) {
        return {TIMBREL_BAD_MODEL, other_device};
    }
    return {TIMBREL_MODEL_RAISED,
            "the model's own " + doing + " ended with an error (" + last_line(text) + ")"};
}

} // namespace timbrel

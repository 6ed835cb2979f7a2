// SPDX-License-Identifier: ISC
#include "info.h"

#include "engine/files/description.h"
#include "json.h"

static json_t* describe_methods(const TimbrelModelInfo* model) {
    json_t* list = json_array();
    for (uint32_t i = 0; i < model->method_count; ++i) {
        const TimbrelMethod* method = &model->methods[i];
        json_t* entry = json_object();
        json_object_set_new(entry, "name", timbrel_json_text(method->name));
        json_object_set_new(entry, "in_channels", json_count(method->in_channels));
        json_object_set_new(entry, "in_ratio", json_count(method->in_ratio));
        json_object_set_new(entry, "out_channels", json_count(method->out_channels));
        json_object_set_new(entry, "out_ratio", json_count(method->out_ratio));
        json_object_set_new(entry, "kind", timbrel_json_text(info_method_kind(method->kind)));
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t* describe_attributes(const TimbrelModelInfo* model) {
    json_t* list = json_array();
    for (uint32_t i = 0; i < model->attribute_count; ++i) {
        const TimbrelAttribute* attribute = &model->attributes[i];
        json_t* types = json_array();
        for (uint32_t k = 0; k < attribute->count; ++k) {
            json_array_append_new(types,
                                  timbrel_json_text(info_attribute_type(attribute->types[k])));
        }
        json_t* entry = json_object();
        json_object_set_new(entry, "name", timbrel_json_text(attribute->name));
        json_object_set_new(entry, "types", types);
        json_object_set_new(entry, "value", timbrel_json_text(attribute->value));
        json_object_set_new(entry, "settable", json_boolean(attribute->settable));
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t* describe_labels(const TimbrelModelInfo* model) {
    json_t* list = json_array();
    for (uint32_t i = 0; i < model->latents; ++i) {
        json_array_append_new(list, timbrel_json_text(model->latent_labels[i]));
    }
    return list;
}

static json_t* describe_meanings(const TimbrelModelInfo* model) {
    json_t* list = json_array();
    for (uint32_t i = 0; i < model->latents; ++i) {
        const TimbrelLatentMeaning* meaning = &model->latent_meanings[i];
        json_t* entry = json_object();
        json_object_set_new(entry, "kind", timbrel_json_text(info_latent_kind(meaning)));
        if (meaning->kind != TIMBREL_LATENT_NORMAL) {
            json_object_set_new(entry, "unit", timbrel_json_text(meaning->unit));
            json_object_set_new(entry, "scale", json_number((double)meaning->scale));
            json_object_set_new(entry, "offset", json_number((double)meaning->offset));
        }
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t* describe_latency(const InfoQuery* query, const TimbrelLatency* latency) {
    json_t* entry = json_object();
    json_object_set_new(entry, "rate", json_number(query->rate));
    json_object_set_new(entry, "block", json_count(query->block));
    json_object_set_new(entry, "timing", timbrel_json_text(info_timing_name(query->timing)));
    json_object_set_new(entry, "dual", json_boolean(query->dual));
    for (uint32_t i = 0; i < TIMBREL_LATENCY_COUNT; ++i) {
        json_object_set_new(entry, timbrel_latency_parts[i].symbol,
                            json_count(timbrel_latency_part(latency, i)));
    }
    json_object_set_new(entry, "total", json_count(latency->total));
    json_object_set_new(entry, "total_seconds", json_number(latency->total / query->rate));
    return entry;
}

int info_print_json(const Info* info) {
    const TimbrelModelSummary* model = info->model;
    const TimbrelModelInfo* file = &model->info;
    json_t* root = json_object();
    json_object_set_new(root, "name", timbrel_json_text(model->name));
    json_object_set_new(root, "path", timbrel_json_text(info->path));
    json_object_set_new(root, "bytes", json_count(file->file_bytes));
    json_object_set_new(root, "backend", timbrel_json_text(timbrel_backend_name(model->backend)));
    json_object_set_new(root, "backend_why", timbrel_json_text(model->backend_why));
    static const char* const modes[] = {"encode_decode", "forward", "values"};
    json_object_set_new(root, "play_mode", timbrel_json_text(modes[file->play_mode]));
    json_object_set_new(root, "method", timbrel_json_text(file->method));
    json_object_set_new(root, "rate", json_number(model->rate));
    json_object_set_new(root, "rate_known", json_boolean(file->rate_known));
    json_object_set_new(root, "in_channels", json_count(file->in_channels));
    json_object_set_new(root, "out_channels", json_count(file->out_channels));
    json_object_set_new(root, "latents", json_count(file->latents));
    json_object_set_new(root, "latent_labels", describe_labels(file));
    json_object_set_new(root, "latent_meanings", describe_meanings(file));
    json_object_set_new(root, "latent_space",
                        file->latents > 0 ? timbrel_json_text(file->latent_space) : json_null());
    json_object_set_new(root, "ratio", json_count(file->ratio));
    json_object_set_new(root, "hop", json_count(model->hop));
    json_object_set_new(root, "window", json_count(model->window));
    json_object_set_new(root, "overlap", json_count(model->overlap));
    json_object_set_new(root, "streaming", json_boolean(file->streaming));
    json_object_set_new(root, "discrete", json_boolean(file->discrete));
    json_object_set_new(root, "prior", json_boolean(file->has_prior));
    json_object_set_new(root, "draws_normal", json_boolean(file->draws_normal));
    json_object_set_new(root, "draws_uniform", json_boolean(file->draws_uniform));
    json_object_set_new(root, "draws_other", json_boolean(file->draws_other));
    json_object_set_new(root, "methods", describe_methods(file));
    json_object_set_new(root, "attributes", describe_attributes(file));
    json_object_set_new(root, "hop_seconds", json_number(model->hop_seconds[0]));
    json_object_set_new(root, "dual_hop_seconds",
                        model->lanes > 1 ? json_number(model->hop_seconds[1]) : json_null());
    json_object_set_new(root, "real_time_factor", json_number(info_real_time_factor(model)));
    json_object_set_new(root, "first_seconds", json_number(model->first_seconds));
    json_object_set_new(root, "load_seconds", json_number(model->load_seconds));
    json_object_set_new(root, "delay", json_number(model->delay));
    json_object_set_new(root, "latency", describe_latency(info->query, info->latency));
    return json_print(root);
}

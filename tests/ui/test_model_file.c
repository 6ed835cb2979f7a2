// SPDX-License-Identifier: ISC
/// What the list of models tells of a file. Usage: test_model_file FOLDER PLAN; FOLDER holds
/// choir.ts and its card, PLAN may be missing where plans are not made.

#include "tests/check.h"
#include "ui/model_file.h"

#include <glib.h>
#include <glib/gstdio.h>

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/// The card is found, and a file is itself by whatever way.
static int test_file(const char* folder, const char* scratch) {
    char* path = g_build_filename(folder, "choir.ts", NULL);
    char* link = g_build_filename(scratch, "linked.ts", NULL);
    char* other = g_build_filename(folder, "choir.md", NULL);
    TimbrelModelFile* file = timbrel_model_file_new(path, true);
    CHECK(file);
    CHECK(strcmp(file->name, "choir") == 0);
    CHECK(g_str_has_prefix(file->line, "Sings"));
    CHECK(!file->known);
    char* absolute = g_canonicalize_filename(path, NULL);
    CHECK(symlink(absolute, link) == 0);
    CHECK(timbrel_model_file_is(file, path));
    CHECK(timbrel_model_file_is(file, link));
    CHECK(!timbrel_model_file_is(file, other));
    CHECK(!timbrel_model_file_is(file, "/nowhere/choir.ts"));
    char* tip = timbrel_model_file_tip(file);
    CHECK(strstr(tip, "choir") && strstr(tip, file->line) && strstr(tip, path));
    CHECK(!strstr(tip, "hop")); // that would have been made up
    g_free(tip);
    timbrel_model_file_free(file);
    g_free(absolute);
    g_free(other);
    g_free(link);
    g_free(path);
    return 0;
}

/// A plan is looked into without libtorch, and remembered; its markup is sound.
static int test_plan(const char* plan, const char* scratch) {
    const _Atomic(bool) cancel = false;
    char* text = NULL;
    gsize size = 0;
    char* path = g_build_filename(scratch, "a <b> & c.plan", NULL);
    char* card = g_build_filename(scratch, "a <b> & c.md", NULL);
    CHECK(g_file_get_contents(plan, &text, &size, NULL));
    CHECK(g_file_set_contents(path, text, (gssize)size, NULL));
    CHECK(g_file_set_contents(card, "# Title\n\nOne & only.\n", -1, NULL));
    TimbrelModelFile* file = timbrel_model_file_new(path, false);
    CHECK(file && !file->known && strcmp(file->line, "One & only.") == 0);
    timbrel_model_file_open(file, NULL, &cancel);
    CHECK(file->known && file->problem[0] == '\0');
    CHECK(file->latents == 8 && file->ratio == 256 && file->rate > 47999 && file->rate < 48001);
    TimbrelModelFile* again = timbrel_model_file_new(path, false);
    CHECK(again && again->known && again->latents == 8);
    char* tip = timbrel_model_file_tip(again);
    CHECK(strstr(tip, "8 latents · 48 kHz") && strstr(tip, "hop 256 (5.3 ms)"));
    CHECK(strstr(tip, "One &amp; only.") && strstr(tip, "a &lt;b&gt; &amp; c"));
    timbrel_model_file_free(again);
    timbrel_model_file_free(file);
    g_free(tip);
    g_free(card);
    g_free(path);
    g_free(text);
    return 0;
}

/// What needs libtorch stays unknown where there is none, and is no problem of the file's.
static int test_without_torch(const char* folder) {
    const _Atomic(bool) cancel = false;
    char* path = g_build_filename(folder, "choir.ts", NULL);
    TimbrelModelFile* file = timbrel_model_file_new(path, true);
    timbrel_model_file_open(file, NULL, &cancel);
    CHECK(!file->known && file->problem[0] == '\0');
    timbrel_model_file_free(file);
    g_free(path);
    return 0;
}

int main(int argc, char** argv) {
    CHECK(argc == 3);
    char* scratch = g_dir_make_tmp("timbrel-XXXXXX", NULL);
    CHECK(scratch);
    (void)g_setenv("XDG_CACHE_HOME", scratch, TRUE);
    const int failed = test_file(argv[1], scratch) || test_without_torch(argv[1]) ||
                       (g_file_test(argv[2], G_FILE_TEST_EXISTS) && test_plan(argv[2], scratch));
    GDir* folder = g_dir_open(scratch, 0, NULL);
    for (const char* name = NULL; folder && (name = g_dir_read_name(folder));) {
        char* path = g_build_filename(scratch, name, NULL);
        char* cache = g_build_filename(path, "models.ini", NULL);
        (void)g_remove(cache);
        (void)g_remove(path);
        g_free(cache);
        g_free(path);
    }
    g_dir_close(folder);
    (void)g_rmdir(scratch);
    g_free(scratch);
    return failed;
}

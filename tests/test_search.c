// SPDX-License-Identifier: ISC
#include "check.h"

#include "engine/model/search.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// All paths are below a fresh working directory.

static bool make_folder(const char* path) {
    char part[4096];
    for (const char* slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        (void)snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        if (part[0]) {
            (void)mkdir(part, 0755);
        }
    }
    (void)mkdir(path, 0755);
    return access(path, X_OK) == 0;
}

static bool make_file(const char* path, mode_t mode) {
    FILE* file = fopen(path, "w");
    return file && fputs("x", file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0;
}

static void clear_environment(void) {
    static const char* const names[] = {"TIMBREL_MODEL_PATH", "XDG_DATA_HOME",
                                        "XDG_DATA_DIRS",      "HOME",
                                        "TIMBREL_TORCH",      "MOD_USER_FILES_DIR"};
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        (void)unsetenv(names[i]);
    }
}

// Frees `path`; both are compared below the working directory `root`.
static bool is_path(char* path, const char* root, const char* expected) {
    char full[4096];
    (void)snprintf(full, sizeof full, "%s/%s", root, expected);
    const bool same = path && strcmp(path, full) == 0;
    if (!same) {
        (void)fprintf(stderr, "got %s, not %s\n", path ? path : "nothing", full);
    }
    free(path);
    return same;
}

static int test_folders(const char* root) {
    char text[8192];
    clear_environment();
    char** folders = timbrel_search_folders(NULL);
    CHECK(folders && folders[0] && folders[1] && !folders[2]);
    CHECK(strcmp(folders[0], "/usr/local/share/timbrel/models") == 0);
    CHECK(strcmp(folders[1], "/usr/share/timbrel/models") == 0);
    timbrel_search_free(folders);

    (void)snprintf(text, sizeof text, "::%s/one:two::", root);
    CHECK(setenv("TIMBREL_MODEL_PATH", text, 1) == 0);
    CHECK(setenv("XDG_DATA_HOME", "relative", 1) == 0);
    CHECK(setenv("HOME", "/home/me", 1) == 0);
    CHECK(setenv("XDG_DATA_DIRS", "not/absolute:/a/:/b", 1) == 0);
    folders = timbrel_search_folders("/bundle/models");
    CHECK(folders);
    CHECK(is_path(strdup(folders[0]), root, "one"));
    CHECK(is_path(strdup(folders[1]), root, "two"));
    CHECK(strcmp(folders[2], "/home/me/.local/share/timbrel/models") == 0);
    CHECK(strcmp(folders[3], "/a/timbrel/models") == 0);
    CHECK(strcmp(folders[4], "/b/timbrel/models") == 0);
    CHECK(strcmp(folders[5], "/bundle/models") == 0);
    CHECK(!folders[6]);
    timbrel_search_free(folders);

    CHECK(setenv("XDG_DATA_HOME", "/data", 1) == 0);
    CHECK(setenv("TIMBREL_MODEL_PATH", "", 1) == 0);
    folders = timbrel_search_folders(NULL);
    CHECK(folders && strcmp(folders[0], "/data/timbrel/models") == 0);
    timbrel_search_free(folders);

    CHECK(make_folder("pedal/RAVE Models") && make_file("pedal/RAVE Models/foot.ts", 0644));
    (void)snprintf(text, sizeof text, "%s/pedal", root);
    CHECK(setenv("MOD_USER_FILES_DIR", text, 1) == 0);
    folders = timbrel_search_folders(NULL);
    CHECK(folders && is_path(strdup(folders[1]), root, "pedal"));
    timbrel_search_free(folders);
    TimbrelError error;
    CHECK(is_path(timbrel_search_model("foot", NULL, &error), root, "pedal/RAVE Models/foot.ts"));
    CHECK(setenv("MOD_USER_FILES_DIR", "/nowhere", 1) == 0);
    CHECK(!timbrel_search_model("foot", NULL, &error));
    return 0;
}

static bool make_models(void) {
    return make_folder("one/sub/deep") && make_folder("two/zoo") && make_folder("one/folder.ts") &&
           make_file("one/violin.ts", 0644) && make_file("one/notes.txt", 0644) &&
           make_file("one/.hidden.ts", 0644) && make_file("one/sub/choir.ts", 0644) &&
           make_file("one/sub/deep/lost.ts", 0644) && make_file("two/violin.ts", 0644) &&
           make_file("two/Bass.ts", 0644) && make_file("two/zoo/choir-2.ts", 0644) &&
           make_file("two/plain", 0644) && make_file("one/violin.plan", 0644) &&
           make_file("one/sub/only.plan", 0644) && symlink("Bass.ts", "two/alias.ts") == 0 &&
           symlink("gone.ts", "two/dangling.ts") == 0 && make_file("here.ts", 0644) &&
           make_file("choir", 0644) && make_file("two/LOUD.TS", 0644);
}

static int test_list(const char* root) {
    static const char* const expected[] = {
        "two/Bass.ts",        "two/LOUD.TS",       "two/alias.ts", "one/sub/choir.ts",
        "two/zoo/choir-2.ts", "one/sub/only.plan", "one/violin.ts"};
    clear_environment();
    CHECK(setenv("TIMBREL_MODEL_PATH", "missing:one:two", 1) == 0);
    CHECK(setenv("XDG_DATA_DIRS", "/nowhere", 1) == 0);
    char** models = timbrel_search_list(NULL);
    CHECK(models);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; ++i) {
        CHECK(models[i]);
        CHECK(is_path(strdup(models[i]), root, expected[i]));
    }
    CHECK(!models[sizeof expected / sizeof *expected]);
    timbrel_search_free(models);

    // Next and previous, as the list has them: from a path, a name, none, and one not listed.
    CHECK(is_path(timbrel_search_step("two/Bass.ts", 1, NULL), root, "two/LOUD.TS"));
    CHECK(is_path(timbrel_search_step("choir", 1, NULL), root, "two/zoo/choir-2.ts"));
    CHECK(is_path(timbrel_search_step("choir", -2, NULL), root, "two/LOUD.TS"));
    CHECK(is_path(timbrel_search_step("violin", 1, NULL), root, "two/Bass.ts"));
    CHECK(is_path(timbrel_search_step("Bass", -1, NULL), root, "one/violin.ts"));
    CHECK(is_path(timbrel_search_step("Bass", 15, NULL), root, "two/LOUD.TS"));
    CHECK(is_path(timbrel_search_step("Bass", -8, NULL), root, "one/violin.ts"));
    CHECK(is_path(timbrel_search_step("", 1, NULL), root, "two/Bass.ts"));
    CHECK(is_path(timbrel_search_step("", -1, NULL), root, "one/violin.ts"));
    CHECK(is_path(timbrel_search_step("/gone/dog.ts", 1, NULL), root, "one/sub/only.plan"));
    CHECK(is_path(timbrel_search_step("/gone/dog.ts", -1, NULL), root, "two/zoo/choir-2.ts"));

    CHECK(setenv("TIMBREL_MODEL_PATH", "missing", 1) == 0);
    CHECK(!timbrel_search_step("choir", 1, NULL));
    char** none = timbrel_search_list(NULL);
    CHECK(none && !none[0]);
    timbrel_search_free(none);
    char** bundled = timbrel_search_list("two/zoo");
    CHECK(bundled && bundled[0] && !bundled[1]);
    CHECK(is_path(strdup(bundled[0]), root, "two/zoo/choir-2.ts"));
    timbrel_search_free(bundled);

    char* name = timbrel_search_name("/a.ts/b.c.ts");
    CHECK(name && strcmp(name, "b.c") == 0);
    free(name);
    char* loud = timbrel_search_name("/LOUD.TS");
    CHECK(loud && strcmp(loud, "LOUD") == 0);
    free(loud);
    return 0;
}

static int test_model(const char* root) {
    TimbrelError error = {0};
    clear_environment();
    CHECK(setenv("TIMBREL_MODEL_PATH", "one:two", 1) == 0);
    CHECK(setenv("XDG_DATA_DIRS", "/nowhere", 1) == 0);
    CHECK(is_path(timbrel_search_model("violin", NULL, &error), root, "one/violin.ts"));
    CHECK(is_path(timbrel_search_model("violin.ts", NULL, &error), root, "one/violin.ts"));
    CHECK(is_path(timbrel_search_model("two/violin.ts", NULL, &error), root, "two/violin.ts"));
    CHECK(is_path(timbrel_search_model("choir", NULL, &error), root, "one/sub/choir.ts"));
    CHECK(is_path(timbrel_search_model("violin.plan", NULL, &error), root, "one/violin.plan"));
    CHECK(is_path(timbrel_search_model("only", NULL, &error), root, "one/sub/only.plan"));
    CHECK(is_path(timbrel_search_model("plain", NULL, &error), root, "two/plain"));
    CHECK(is_path(timbrel_search_model("./here.ts", NULL, &error), root, "./here.ts"));
    CHECK(is_path(timbrel_search_model("LOUD", NULL, &error), root, "two/LOUD.TS"));
    CHECK(is_path(timbrel_search_model("LOUD.ts", NULL, &error), root, "two/LOUD.TS"));
    CHECK(is_path(timbrel_search_model("/moved/LOUD.ts", NULL, &error), root, "two/LOUD.TS"));
    CHECK(is_path(timbrel_search_model("only.PLAN", NULL, &error), root, "one/sub/only.plan"));
    CHECK(is_path(timbrel_search_model("/moved/away/Bass.ts", NULL, &error), root, "two/Bass.ts"));
    CHECK(is_path(timbrel_search_model("choir-2", "two/zoo", &error), root, "two/zoo/choir-2.ts"));
    CHECK(error.status == TIMBREL_OK);

    CHECK(!timbrel_search_model("bass", NULL, &error) && error.status == TIMBREL_NOT_FOUND);
    CHECK(strstr(error.message, "\"bass\""));
    // Wherever a host was started: what lies there has no name, but a path.
    CHECK(!timbrel_search_model("here.ts", NULL, &error) && error.status == TIMBREL_NOT_FOUND);
    CHECK(strstr(error.message, "write ./here.ts."));
    CHECK(!timbrel_search_model("LOUD.plan", NULL, &error) && error.status == TIMBREL_NOT_FOUND);
    CHECK(!timbrel_search_model("lost", NULL, &error) && error.status == TIMBREL_NOT_FOUND);
    CHECK(!timbrel_search_model("dangling", NULL, &error) && error.status == TIMBREL_NOT_FOUND);
    CHECK(!timbrel_search_model("/moved/gone.ts", NULL, &error));
    CHECK(error.status == TIMBREL_NOT_FOUND && strstr(error.message, "\"/moved/gone.ts\""));
    CHECK(!timbrel_search_model("", NULL, &error) && error.status == TIMBREL_BAD_ARGUMENT);
    CHECK(!timbrel_search_model("./one", NULL, &error) && error.status == TIMBREL_BAD_MODEL);

    if (geteuid() != 0) { // Root reads everything
        CHECK(make_folder("closed") && make_file("closed/secret.ts", 0));
        CHECK(!timbrel_search_model("closed/secret.ts", NULL, &error));
        CHECK(error.status == TIMBREL_IO_ERROR);
        CHECK(chmod("closed", 0) == 0);
        CHECK(setenv("TIMBREL_MODEL_PATH", "closed:one", 1) == 0);
        CHECK(is_path(timbrel_search_model("violin", NULL, &error), root, "one/violin.ts"));
    }
    return 0;
}

static int test_torch(const char* root) {
    TimbrelError error = {0};
    clear_environment();
    CHECK(make_folder("bundle") && make_folder("empty"));
    CHECK(make_file("bundle/timbrel-torch", 0755) && make_file("mine", 0755));
    CHECK(make_file("plain-file", 0644));
    CHECK(is_path(timbrel_search_torch("mine", "bundle", &error), root, "mine"));
    CHECK(setenv("TIMBREL_TORCH", "mine", 1) == 0);
    CHECK(is_path(timbrel_search_torch(NULL, "bundle", &error), root, "mine"));
    CHECK(setenv("TIMBREL_TORCH", "plain-file", 1) == 0);
    CHECK(!timbrel_search_torch(NULL, "bundle", &error) && error.status == TIMBREL_NO_BACKEND);
    CHECK(!timbrel_search_torch("empty", "bundle", &error) && error.status == TIMBREL_NO_BACKEND);
    CHECK(unsetenv("TIMBREL_TORCH") == 0);
    char* bundled = timbrel_search_torch(NULL, "bundle", &error);
    CHECK(bundled && strcmp(bundled, "bundle/timbrel-torch") == 0);
    free(bundled);
    return 0;
}

static int test_all(void) {
    char root[] = "/tmp/timbrel-search-XXXXXX";
    CHECK(mkdtemp(root) && chdir(root) == 0 && make_models());
    const int result =
        test_folders(root) || test_list(root) || test_model(root) || test_torch(root);
    char command[128];
    (void)snprintf(command, sizeof command, "chmod -R u+rwx %s; rm -r %s", root, root);
    CHECK(system(command) == 0);
    return result;
}

int main(void) {
    return test_all();
}

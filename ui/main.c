// SPDX-License-Identifier: ISC
/// timbrel-ui, the window of the effect: embedded in a host's window, in one of its own, or with a
/// scripted effect.

#include "demo.h"
#include "engine/model/search.h"
#include "link.h"
#include "mirror.h"
#include "plug.h"
#include "theme.h"
#include "window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { socket_to_shim = 3 };

typedef struct {
    TimbrelMirror* mirror;
    TimbrelLink* link; ///< NULL: the demo
    TimbrelDemo* demo; ///< NULL: the link
    GtkWidget* top;
    GtkWidget* content;
} Program;

static void send_out(void* handle, const TimbrelWireHead* message) {
    Program* program = handle;
    if (program->link) {
        timbrel_link_send(program->link, message);
    } else if (program->demo) {
        timbrel_demo_send(program->demo, message);
    }
}

static void received(void* handle, const TimbrelWire* message) {
    timbrel_mirror_receive(((Program*)handle)->mirror, message);
}

static void foreign(void* handle) {
    timbrel_window_content_mismatch(((Program*)handle)->content);
}

/// At once: a host waits for our end when it closes the window.
static void closed(void* handle) {
    (void)handle;
    _exit(0);
}

/// The bundle that this program lies in, or the one that belongs to it.
static char* find_bundle(void) {
    char* self = g_file_read_link("/proc/self/exe", NULL);
    char* folder = self ? g_path_get_dirname(self) : NULL;
    char* manifest = folder ? g_build_filename(folder, "manifest.ttl", NULL) : NULL;
    const bool inside = manifest && g_file_test(manifest, G_FILE_TEST_EXISTS);
    g_free(manifest);
    g_free(self);
    if (inside) {
        return folder;
    }
    g_free(folder);
    char* found = timbrel_search_bundle();
    char* bundle = g_strdup(found ? found : ".");
    free(found);
    return bundle;
}

static void show(Program* program, GtkWidget* top) {
    char* bundle = find_bundle();
    program->top = top;
    program->content = timbrel_window_content_new(program->mirror, bundle);
    gtk_container_add(GTK_CONTAINER(top), program->content);
    gtk_style_context_add_class(gtk_widget_get_style_context(top), "timbrel");
    (void)g_signal_connect(top, "destroy", G_CALLBACK(gtk_main_quit), NULL);
    gtk_widget_show(top);
    g_free(bundle);
}

static GtkWidget* make_toplevel(const char* title, int width, int height) {
    GtkWidget* window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_title(GTK_WINDOW(window), title);
    gtk_window_set_default_size(GTK_WINDOW(window), width, height);
    return window;
}

static void connect_shim(Program* program, const TimbrelPlugin* plugin) {
    const TimbrelLinkCallbacks callbacks = {received, foreign, closed, program};
    program->link = timbrel_link_new(socket_to_shim, &callbacks);
    program->mirror = timbrel_mirror_new(plugin, send_out, program);
}

static int run_demo(Program* program, int argc, char** argv) {
    gint latents = 8;
    char* uri = NULL;
    gboolean none = FALSE;
    char* size = NULL;
    char* load = NULL;
    const GOptionEntry options[] = {
        {"demo", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &(gboolean){0}, NULL, NULL},
        {"latents", 'n', 0, G_OPTION_ARG_INT, &latents, "How many latents the model has", "COUNT"},
        {"plugin", 'p', 0, G_OPTION_ARG_STRING, &uri, "The plugin", "URI"},
        {"none", 0, 0, G_OPTION_ARG_NONE, &none, "Begin without a model", NULL},
        {"load", 0, 0, G_OPTION_ARG_STRING, &load, "Load this model at once", "MODEL"},
        {"size", 0, 0, G_OPTION_ARG_STRING, &size, "Size of the window", "WIDTHxHEIGHT"},
        {0}};
    GOptionContext* context = g_option_context_new("- the window with a scripted effect");
    GError* error = NULL;
    g_option_context_add_main_entries(context, options, NULL);
    const gboolean parsed = g_option_context_parse(context, &argc, &argv, &error);
    g_option_context_free(context);
    if (!parsed) {
        g_printerr("timbrel-ui: %s\n", error->message);
        g_error_free(error);
        return 2;
    }
    const TimbrelPlugin* plugin = uri ? timbrel_plugin_find(uri) : &timbrel_plugins[0];
    if (!plugin) {
        g_printerr("timbrel-ui: there is no plugin %s.\n", uri);
        return 2;
    }
    g_free(uri);
    const TimbrelDemoConfig config = {.plugin = plugin,
                                      .latents = (uint32_t)CLAMP(latents, 0, TIMBREL_MAX_LATENTS),
                                      .none = none};
    char** numbers = g_strsplit(size ? size : "", "x", 2);
    const int width = numbers[0] ? atoi(numbers[0]) : TIMBREL_WINDOW_WIDTH;
    const int height = numbers[0] && numbers[1] ? atoi(numbers[1]) : TIMBREL_WINDOW_HEIGHT;
    g_strfreev(numbers);
    g_free(size);
    program->mirror = timbrel_mirror_new(config.plugin, send_out, program);
    program->demo = timbrel_demo_new(&config, received, program);
    show(program, make_toplevel(plugin->name, MAX(width, 1), MAX(height, 1)));
    if (load) {
        timbrel_mirror_load(program->mirror, load);
    }
    g_free(load);
    gtk_main();
    timbrel_demo_free(program->demo);
    program->demo = NULL;
    g_object_unref(program->mirror);
    return 0;
}

int main(int argc, char** argv) {
    Program program = {0};
    (void)prctl(PR_SET_NAME, "timbrel-ui");
    gdk_set_allowed_backends("x11");
    if (argc == 6 && strcmp(argv[5], "0") != 0) { // the host's scale, not the desktop's
        (void)g_setenv("GDK_SCALE", argv[5], TRUE);
    }
    if (!gtk_init_check(&argc, &argv)) {
        g_printerr("timbrel-ui: there is no X display to show the window on.\n");
        return 1;
    }
    g_set_prgname("timbrel-ui");
    timbrel_theme_install(gdk_screen_get_default());
    const char* what = argc > 1 ? argv[1] : "";
    const bool plug = !strcmp(what, "--plug");
    const TimbrelPlugin* plugin = argc == 6 ? timbrel_plugin_find(argv[3]) : NULL;
    if (plugin && (plug || !strcmp(what, "--show"))) {
        if (!strcmp(argv[4],
                    "dark")) { // the host is dark: so is the window, in whatever theme the user has
            g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", TRUE,
                         NULL);
        }
        connect_shim(&program, plugin);
        show(&program,
             plug ? timbrel_plug_new(program.mirror, strtoul(argv[2], NULL, 10))
                  : make_toplevel(plugin->name, TIMBREL_WINDOW_WIDTH, TIMBREL_WINDOW_HEIGHT));
        gtk_main();
        return 0;
    }
    if (!strcmp(what, "--demo")) {
        return run_demo(&program, argc, argv);
    }
    g_printerr("timbrel-ui is started by the plugin's host. To look at the window: timbrel-ui "
               "--demo\n");
    return 2;
}

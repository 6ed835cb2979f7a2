// SPDX-License-Identifier: ISC
#include "models.h"

#include "engine/model/search.h"
#include "file_dialog.h"
#include "memory.h"
#include "model_file.h"

#include <string.h>
#include <sys/resource.h>

enum { lowest_priority = 19 };
static const char none_installed[] =
    "No model is installed.\n\nOpen a file below, or put files into\n~/.local/share/timbrel/models";

struct _TimbrelModels {
    GtkBox parent;
    char* bundle;
    GtkWidget* list;
    GtkWidget* search;
    GtkWidget* nothing;   ///< What the list says when it is empty
    char* playing;        ///< Path of the model that plays, or is being loaded; NULL: none
    char* ready;          ///< Path of the one that plays; NULL: none, or not known
    char* tried;          ///< Path that was last chosen, playable or not: steps go on from it
    _Atomic(bool) cancel; ///< The background work is to end
};

static void view_init(TimbrelViewInterface* view);
G_DEFINE_FINAL_TYPE_WITH_CODE(TimbrelModels, timbrel_models, GTK_TYPE_BOX,
                              G_IMPLEMENT_INTERFACE(TIMBREL_TYPE_VIEW, view_init))

static TimbrelModelFile* file_of(GtkListBoxRow* row) {
    return g_object_get_data(G_OBJECT(row), "file");
}

static void show_facts(GtkListBoxRow* row) {
    const TimbrelModelFile* file = file_of(row);
    char* facts = timbrel_model_file_facts(file);
    char* tip = timbrel_model_file_tip(file);
    gtk_label_set_text(GTK_LABEL(g_object_get_data(G_OBJECT(row), "facts")), facts);
    gtk_widget_set_tooltip_markup(GTK_WIDGET(row), tip);
    g_free(tip);
    g_free(facts);
}

static GtkWidget* make_label(const char* text, const char* class) {
    GtkWidget* label = gtk_label_new(text);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
    if (class) {
        gtk_style_context_add_class(gtk_widget_get_style_context(label), class);
    }
    return label;
}

/// The card's first line, in three lines at most.
static GtkWidget* make_line(const char* text) {
    GtkWidget* label = make_label(text, "timbrel-dim");
    gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
    gtk_label_set_line_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
    gtk_label_set_lines(GTK_LABEL(label), 3);
    gtk_label_set_max_width_chars(GTK_LABEL(label), 1); // as wide as the list, and no wider
    return label;
}

/// Takes over the file.
static GtkListBoxRow* make_row(TimbrelModelFile* file) {
    GtkListBoxRow* row = GTK_LIST_BOX_ROW(gtk_list_box_row_new());
    GtkWidget* box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 1);
    GtkWidget* name = make_label(file->name, NULL);
    GtkWidget* facts = make_label("", "timbrel-dim");
    PangoAttrList* bold = pango_attr_list_new();
    pango_attr_list_insert(bold, pango_attr_weight_new(PANGO_WEIGHT_SEMIBOLD));
    gtk_label_set_attributes(GTK_LABEL(name), bold);
    pango_attr_list_unref(bold);
    gtk_box_pack_start(GTK_BOX(box), name, FALSE, FALSE, 0);
    if (file->line[0]) {
        gtk_box_pack_start(GTK_BOX(box), make_line(file->line), FALSE, FALSE, 0);
    }
    gtk_box_pack_start(GTK_BOX(box), facts, FALSE, FALSE, 0);
    gtk_container_add(GTK_CONTAINER(row), box);
    g_object_set_data(G_OBJECT(row), "facts", facts);
    g_object_set_data_full(G_OBJECT(row), "file", file, (GDestroyNotify)timbrel_model_file_free);
    atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(row)), file->name);
    show_facts(row);
    gtk_widget_show_all(GTK_WIDGET(row));
    return row;
}

static GtkListBoxRow* find(TimbrelModels* m, const char* path) {
    GtkListBoxRow* row = NULL;
    for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(m->list), i)); ++i) {
        if (timbrel_model_file_is(file_of(row), path)) {
            return row;
        }
    }
    return NULL;
}

/// Mark the row of what plays.
static void mark(TimbrelModels* m) {
    GtkListBoxRow* row = NULL;
    gtk_list_box_unselect_all(GTK_LIST_BOX(m->list));
    for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(m->list), i)); ++i) {
        GtkStyleContext* context = gtk_widget_get_style_context(GTK_WIDGET(row));
        if (m->playing && timbrel_model_file_is(file_of(row), m->playing)) {
            gtk_style_context_add_class(context, "timbrel-playing");
            gtk_list_box_select_row(GTK_LIST_BOX(m->list), row);
        } else {
            gtk_style_context_remove_class(context, "timbrel-playing");
        }
    }
}

static void set_path(char** path, const char* now) {
    char* before = *path;
    *path = g_strdup(now);
    g_free(before);
}

static void news(TimbrelView* view) {
    TimbrelModels* m = TIMBREL_MODELS(view);
    const TimbrelNews* n = timbrel_mirror_news(timbrel_view_mirror(view));
    const char* path = n->texts[TIMBREL_TEXT_PATH];
    if (n->status.state == TIMBREL_MODEL_READY) {
        set_path(&m->ready, path);
        set_path(&m->tried, path);
    } else if (n->status.state == TIMBREL_MODEL_NONE) {
        set_path(&m->ready, NULL);
    }
    if (n->status.state != TIMBREL_MODEL_LOADING && g_strcmp0(m->playing, m->ready)) {
        set_path(&m->playing, m->ready);
        mark(m);
    }
}

static void row_activated(GtkListBox* list, GtkListBoxRow* row, TimbrelModels* m) {
    (void)list;
    timbrel_models_play(m, file_of(row)->path);
}

void timbrel_models_step(TimbrelModels* m, int direction) {
    GtkListBox* list = GTK_LIST_BOX(m->list);
    GtkListBoxRow* row = m->tried ? find(m, m->tried) : NULL;
    int at = row ? gtk_list_box_row_get_index(row) + direction : 0;
    if (at < 0) { // around, either way
        while (gtk_list_box_get_row_at_index(list, at + 1)) {
            ++at;
        }
    }
    row = gtk_list_box_get_row_at_index(list, at);
    row = row ? row : gtk_list_box_get_row_at_index(list, 0);
    if (row) {
        timbrel_models_play(m, file_of(row)->path);
    }
}

static gboolean matches(GtkListBoxRow* row, gpointer data) {
    const TimbrelModels* m = data;
    const TimbrelModelFile* file = file_of(row);
    char* wanted = g_utf8_casefold(gtk_entry_get_text(GTK_ENTRY(m->search)), -1);
    char* both = g_strconcat(file->name, " ", file->line, NULL);
    char* text = g_utf8_casefold(both, -1);
    const bool found = strstr(text, wanted) != NULL;
    g_free(text);
    g_free(both);
    g_free(wanted);
    return found;
}

static void headers(GtkListBoxRow* row, GtkListBoxRow* before, gpointer data) {
    (void)data;
    const bool installed = file_of(row)->installed;
    if (before && file_of(before)->installed == installed) {
        gtk_list_box_row_set_header(row, NULL);
        return;
    }
    GtkWidget* label = make_label(installed ? "INSTALLED" : "RECENT", "timbrel-section");
    g_object_set(label, "margin-start", 16, "margin-top", 8, "margin-bottom", 2, NULL);
    gtk_widget_show(label);
    gtk_list_box_row_set_header(row, label);
}

/// Enter in the filter plays the first model left, Down goes to it.
static GtkListBoxRow* first_visible(TimbrelModels* m) {
    GtkListBoxRow* row = NULL;
    for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(m->list), i)); ++i) {
        if (gtk_widget_get_child_visible(GTK_WIDGET(row))) {
            return row;
        }
    }
    return NULL;
}

static void search_activate(GtkEntry* entry, TimbrelModels* m) {
    (void)entry;
    GtkListBoxRow* row = first_visible(m);
    if (row) {
        timbrel_models_play(m, file_of(row)->path);
    }
}

static void clear_search(GtkEntry* entry) {
    gtk_entry_set_text(entry, "");
}

static void searched(TimbrelModels* m) {
    const bool all = gtk_entry_get_text_length(GTK_ENTRY(m->search)) == 0;
    gtk_label_set_text(GTK_LABEL(m->nothing), all ? none_installed : "No model of that name");
    gtk_list_box_invalidate_filter(GTK_LIST_BOX(m->list));
}

static gboolean search_key(GtkWidget* entry, GdkEventKey* event, TimbrelModels* m) {
    (void)entry;
    GtkListBoxRow* row = event->keyval == GDK_KEY_Down ? first_visible(m) : NULL;
    if (row) {
        gtk_widget_grab_focus(GTK_WIDGET(row));
    }
    return row != NULL;
}

typedef struct {
    TimbrelModels* models;
    TimbrelModelFile* file;
} Opened;

/// Files to be looked into, by a thread of its own.
typedef struct {
    TimbrelModels* models;
    GPtrArray* files; ///< TimbrelModelFile
} Look;

static gboolean show_opened(gpointer data) {
    Opened* opened = data;
    GtkListBoxRow* row = opened->models->list ? find(opened->models, opened->file->path) : NULL;
    if (row) {
        g_object_set_data_full(G_OBJECT(row), "file", opened->file,
                               (GDestroyNotify)timbrel_model_file_free);
        opened->file = NULL;
        show_facts(row);
    }
    if (opened->file) {
        timbrel_model_file_free(opened->file);
    }
    g_object_unref(opened->models);
    g_free(opened);
    return G_SOURCE_REMOVE;
}

static gboolean let_go(gpointer models) {
    g_object_unref(models); // widgets may end only on the main loop
    return G_SOURCE_REMOVE;
}

/// A thread of its own: open what is not known, one after the other, behind everything else that
/// the machine has to do.
static gpointer open_unknown(gpointer data) {
    Look* look = data;
    TimbrelModels* m = look->models;
    char* program = timbrel_search_torch(NULL, m->bundle, NULL);
    (void)setpriority(PRIO_PROCESS, 0, lowest_priority); // of this thread, on Linux
    for (guint i = 0; i < look->files->len && !m->cancel; ++i) {
        TimbrelModelFile* file = g_steal_pointer(&look->files->pdata[i]);
        timbrel_model_file_open(file, program, &m->cancel);
        Opened* opened = g_new(Opened, 1);
        *opened = (Opened){g_object_ref(m), file};
        (void)g_idle_add(show_opened, opened);
    }
    free(program);
    g_ptr_array_unref(look->files);
    g_free(look);
    (void)g_idle_add(let_go, m);
    return NULL;
}

static void free_file(gpointer file) {
    if (file) {
        timbrel_model_file_free(file);
    }
}

/// Look into what is listed and not known yet: all of it, or only `path`.
static void start_opening(TimbrelModels* m, const char* path) {
    Look* look = g_new(Look, 1);
    GtkListBoxRow* row = NULL;
    *look = (Look){g_object_ref(m), g_ptr_array_new_with_free_func(free_file)};
    for (int i = 0; (row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(m->list), i)); ++i) {
        const TimbrelModelFile* listed = file_of(row);
        TimbrelModelFile* file = listed->known || (path && strcmp(path, listed->path) != 0)
                                     ? NULL
                                     : timbrel_model_file_new(listed->path, listed->installed);
        if (file) {
            g_ptr_array_add(look->files, file);
        }
    }
    g_thread_unref(g_thread_new("timbrel-look", open_unknown, look));
}

void timbrel_models_play(TimbrelModels* m, const char* path) {
    set_path(&m->playing, path);
    set_path(&m->tried, path);
    timbrel_memory_add_recent(path);
    TimbrelModelFile* file = find(m, path) ? NULL : timbrel_model_file_new(path, false);
    if (file) { // it was not in the list: let it be seen there
        gtk_entry_set_text(GTK_ENTRY(m->search), "");
    }
    if (file) {
        gtk_list_box_insert(GTK_LIST_BOX(m->list), GTK_WIDGET(make_row(file)), 0);
    }
    mark(m);
    timbrel_mirror_load(timbrel_view_mirror(TIMBREL_VIEW(m)), path);
    if (file) {
        start_opening(m, path);
    }
}

static void list_files(GTask* task, gpointer source, gpointer data, GCancellable* cancellable) {
    (void)data;
    (void)cancellable;
    char* folder = g_build_filename(TIMBREL_MODELS(source)->bundle, "models", NULL);
    g_task_return_pointer(task, timbrel_model_files_installed(folder),
                          (GDestroyNotify)g_ptr_array_unref);
    g_free(folder);
}

static void listed(GObject* source, GAsyncResult* result, gpointer data) {
    (void)data;
    TimbrelModels* m = TIMBREL_MODELS(source);
    GPtrArray* files = g_task_propagate_pointer(G_TASK(result), NULL);
    if (!m->list || !files) {
        return;
    }
    g_ptr_array_set_free_func(files, NULL); // the rows take them over
    for (guint i = 0; i < files->len; ++i) {
        gtk_list_box_insert(GTK_LIST_BOX(m->list),
                            GTK_WIDGET(make_row(g_ptr_array_index(files, i))), -1);
    }
    g_ptr_array_unref(files);
    char** recent = timbrel_memory_recent();
    const guint count = g_strv_length(recent);
    for (guint i = count; i-- > 0;) {
        TimbrelModelFile* file =
            find(m, recent[i]) ? NULL : timbrel_model_file_new(recent[i], false);
        if (file) {
            gtk_list_box_insert(GTK_LIST_BOX(m->list), GTK_WIDGET(make_row(file)), 0);
        }
    }
    g_strfreev(recent);
    start_opening(m, NULL);
    mark(m);
}

static void file_chosen(const char* path, gpointer data) {
    timbrel_models_play(data, path);
}

void timbrel_models_choose(TimbrelModels* m) {
    timbrel_file_dialog(GTK_WIDGET(m), m->tried, file_chosen, m);
}

void timbrel_models_search(TimbrelModels* m) {
    gtk_widget_grab_focus(m->search);
}

static void dispose(GObject* object) {
    TimbrelModels* m = TIMBREL_MODELS(object);
    m->cancel = true;
    m->list = NULL;
    G_OBJECT_CLASS(timbrel_models_parent_class)->dispose(object);
}

static void finalize(GObject* object) {
    g_free(TIMBREL_MODELS(object)->bundle);
    g_free(TIMBREL_MODELS(object)->playing);
    g_free(TIMBREL_MODELS(object)->ready);
    g_free(TIMBREL_MODELS(object)->tried);
    G_OBJECT_CLASS(timbrel_models_parent_class)->finalize(object);
}

static void view_init(TimbrelViewInterface* view) {
    view->news = news;
}

static void timbrel_models_class_init(TimbrelModelsClass* class) {
    G_OBJECT_CLASS(class)->dispose = dispose;
    G_OBJECT_CLASS(class)->finalize = finalize;
}

static void timbrel_models_init(TimbrelModels* m) {
    gtk_orientable_set_orientation(GTK_ORIENTABLE(m), GTK_ORIENTATION_VERTICAL);
    gtk_style_context_add_class(gtk_widget_get_style_context(GTK_WIDGET(m)), "timbrel-side");
}

GtkWidget* timbrel_models_new(TimbrelMirror* mirror, const char* bundle) {
    TimbrelModels* m = g_object_new(TIMBREL_TYPE_MODELS, NULL);
    GtkWidget* scrolled = gtk_scrolled_window_new(NULL, NULL);
    GtkWidget* open = gtk_button_new_with_label("Open a file ...");
    m->bundle = g_strdup(bundle);
    m->search = gtk_search_entry_new();
    m->list = gtk_list_box_new();
    m->nothing = make_label(none_installed, "timbrel-empty");
    gtk_entry_set_placeholder_text(GTK_ENTRY(m->search), "Find a model");
    atk_object_set_name(gtk_widget_get_accessible(m->search), "Find a model");
    atk_object_set_name(gtk_widget_get_accessible(m->list), "Models");
    gtk_style_context_add_class(gtk_widget_get_style_context(m->list), "timbrel-models");
    gtk_style_context_add_class(gtk_widget_get_style_context(open), "timbrel-small");
    gtk_list_box_set_filter_func(GTK_LIST_BOX(m->list), matches, m, NULL);
    gtk_list_box_set_header_func(GTK_LIST_BOX(m->list), headers, NULL, NULL);
    gtk_widget_show(m->nothing);
    gtk_label_set_ellipsize(GTK_LABEL(m->nothing), PANGO_ELLIPSIZE_NONE);
    gtk_label_set_line_wrap(GTK_LABEL(m->nothing), TRUE);
    gtk_label_set_max_width_chars(GTK_LABEL(m->nothing), 1);
    g_object_set(m->nothing, "margin", 16, "valign", GTK_ALIGN_START, NULL);
    gtk_list_box_set_placeholder(GTK_LIST_BOX(m->list), m->nothing);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_widget_set_tooltip_text(open, "Play a model file from anywhere (Ctrl+O)");
    gtk_container_add(GTK_CONTAINER(scrolled), m->list);
    g_object_set(m->search, "margin", 8, "margin-bottom", 4, NULL);
    g_object_set(open, "margin", 8, "margin-top", 4, NULL);
    gtk_box_pack_start(GTK_BOX(m), m->search, FALSE, FALSE, 0);
    gtk_box_pack_start(GTK_BOX(m), scrolled, TRUE, TRUE, 0);
    gtk_box_pack_start(GTK_BOX(m), open, FALSE, FALSE, 0);
    (void)g_signal_connect_swapped(m->search, "search-changed", G_CALLBACK(searched), m);
    (void)g_signal_connect(m->search, "stop-search", G_CALLBACK(clear_search), NULL);
    (void)g_signal_connect(m->search, "activate", G_CALLBACK(search_activate), m);
    (void)g_signal_connect(m->search, "key-press-event", G_CALLBACK(search_key), m);
    (void)g_signal_connect(m->list, "row-activated", G_CALLBACK(row_activated), m);
    (void)g_signal_connect_swapped(open, "clicked", G_CALLBACK(timbrel_models_choose), m);
    timbrel_view_bind(TIMBREL_VIEW(m), mirror);
    GTask* task = g_task_new(m, NULL, listed, NULL);
    g_task_run_in_thread(task, list_files);
    g_object_unref(task);
    return GTK_WIDGET(m);
}

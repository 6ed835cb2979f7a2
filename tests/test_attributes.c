// SPDX-License-Identifier: ISC
#include "check.h"
#include "engine/model/attributes.h"

#include <stdio.h>
#include <string.h>

int main(void) {
    static TimbrelAttributeList list;
    static TimbrelAttributeList again;
    char text[256];
    CHECK(timbrel_attributes_print(&list, text, sizeof text) == 0 && text[0] == '\0');
    CHECK(timbrel_attributes_set(&list, "gain", "0.5"));
    CHECK(timbrel_attributes_set(&list, "mode", "a=b c"));
    CHECK(timbrel_attributes_set(&list, "gain", "0.75"));
    CHECK(list.count == 2);
    const size_t length = timbrel_attributes_print(&list, text, sizeof text);
    CHECK(strcmp(text, "gain=0.75\nmode=a=b c\n") == 0 && length == strlen(text));
    char small[8];
    CHECK(timbrel_attributes_print(&list, small, sizeof small) == length);
    CHECK(strcmp(small, "gain=0.") == 0);
    timbrel_attributes_parse(&again, text);
    CHECK(memcmp(&list, &again, sizeof list) == 0);

    // What would break the text, or does not fit, is refused and changes nothing.
    char longest[TIMBREL_VALUE_SIZE + 1] = {0};
    memset(longest, 'x', TIMBREL_VALUE_SIZE);
    CHECK(!timbrel_attributes_set(&list, "", "1"));
    CHECK(!timbrel_attributes_set(&list, "a=b", "1"));
    CHECK(!timbrel_attributes_set(&list, "a\nb", "1"));
    CHECK(!timbrel_attributes_set(&list, "a", "1\n2"));
    CHECK(!timbrel_attributes_set(&list, "a", longest));
    CHECK(memcmp(&list, &again, sizeof list) == 0);
    for (int i = 0; i < 2 * TIMBREL_MAX_ATTRIBUTES; ++i) {
        char name[16];
        (void)snprintf(name, sizeof name, "n%d", i);
        CHECK(timbrel_attributes_set(&list, name, "1") == (i < TIMBREL_MAX_ATTRIBUTES - 2));
    }
    timbrel_attributes_parse(&again, "no equals\n=no name\nx=1");
    CHECK(again.count == 1 && strcmp(again.values[0].name, "x") == 0);
    return 0;
}

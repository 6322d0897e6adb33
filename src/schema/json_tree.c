#include "schema/json_tree.h"

bool json_tree_set(cJSON *object, const char *name, cJSON *item)
{
    if (object && item)
        cJSON_AddItemToObject(object, name, item);
    if (object && item && item->string)
        return true;
    cJSON_Delete(item);
    return false;
}

bool json_tree_append(cJSON *array, cJSON *item)
{
    if (array && item) {
        cJSON_AddItemToArray(array, item);
        return true;
    }
    cJSON_Delete(item);
    return false;
}

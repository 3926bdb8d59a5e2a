/** What those fields say that plugins make and give no option for: a plugin itself, so that it sees them. */
import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';

const SAYS: Record<string, string> = {
  id: 'Global: it names the thing and its type, and is what inputs take.',
  totalCount: 'How many there are on all pages together.',
};

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      madeFields: MadeFieldsPlugin<Types>;
    }
  }
}

class MadeFieldsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const said = SAYS[field.name];
    return field.description || said === undefined ? field : { ...field, description: said };
  }
}

export const MadeFields = 'madeFields';

SchemaBuilder.registerPlugin(MadeFields, MadeFieldsPlugin);

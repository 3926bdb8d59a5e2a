// The activity that is looked at, as a file.
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ActivitySearch, exportUrl } from './search.ts';
import { texts } from './texts.ts';

export function ActivityExport(props: { search: ActivitySearch; organizationId: string | undefined }) {
  return (
    <Menu position="bottom-end" radius="md" shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />}>
          {texts.export}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['csv', 'ndjson'] as const).map((format) => (
          <Menu.Item
            key={format}
            component="a"
            href={exportUrl(props.search, format, Date.now(), props.organizationId)}
            download
          >
            {texts.exports[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

'use client';

import { ChevronDown } from 'lucide-react';
import { toast } from 'sonner';
import { Button } from '@/components/ui/button.tsx';
import { copyText } from '@/components/ui/copy-button.tsx';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu.tsx';
import type { TaskDetail } from '@/lib/contract/task.ts';
import { toPythonCall } from './copy-as.ts';

/** The task as an id, as a call in Python, or whole as JSON. */
export function CopyAs({ task }: { task: TaskDetail }) {
  const copy = (what: string, text: string) => {
    copyText(text).then(
      () => toast.success(`Copied ${what}`),
      () => toast.error('The browser refused to copy'),
    );
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button className="max-md:hidden">
          Copy as <ChevronDown aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuItem onSelect={() => copy('the id', task.id)}>Id</DropdownMenuItem>
        <DropdownMenuItem onSelect={() => copy('the call', toPythonCall(task))}>
          Python call
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => copy('the task', JSON.stringify(task, null, 2))}>
          JSON
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

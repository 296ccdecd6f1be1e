import { streamed } from "@/lib/candor";

type Context = { params: Promise<{ id: string }> };

// A page that was reloaded takes the running answer up again; 204 where there is none.
export async function GET(request: Request, { params }: Context) {
  const { id } = await params;
  return streamed(`/api/chat/${encodeURIComponent(id)}/stream`, { signal: request.signal });
}

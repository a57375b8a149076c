/** Customers, their one-page picture, and appointments. */
import { get, query } from "../net/api";
import type { Booking, CustomerLine, Picture } from "../net/types";

export const customersQuery = (q: string, tag: string | undefined) => ({
  queryKey: ["customers", q, tag],
  queryFn: () => get<{ customers: CustomerLine[] }>(`/customers${query({ q, tag, limit: 50 })}`),
});

/** Every look is audited at the server, so it is fetched once while open and not again by itself. */
export const pictureQuery = (id: string) => ({
  queryKey: ["customer", id],
  queryFn: () => get<Picture>(`/customers/${encodeURIComponent(id)}`),
  staleTime: 5 * 60_000,
  refetchOnWindowFocus: false,
  refetchOnReconnect: false,
});

const DAYS = 14;

/** From the beginning of today, two weeks ahead. */
export const bookingsQuery = () => {
  const from = new Date();
  from.setHours(0, 0, 0, 0);
  const to = new Date(from.getTime() + DAYS * 86_400_000);
  return {
    queryKey: ["bookings"],
    queryFn: () => get<{ bookings: Booking[] }>(`/bookings${query({ from: from.toISOString(), to: to.toISOString() })}`),
  };
};

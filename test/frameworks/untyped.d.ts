// What comes without types of its own.

declare module '@babel/core' {
  export function transformAsync(
    source: string,
    options: object,
  ): Promise<{ readonly code?: string | null } | null>
}

declare module 'babel-preset-solid' {
  const preset: unknown
  export default preset
}

declare module '*.vue' {
  import type { Component } from 'vue'

  const component: Component
  export default component
}
